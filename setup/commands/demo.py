"""Fill a new database with a publisher and its subscribers, by playing the days that made them."""

import random
import sys
from datetime import date, datetime, time, timedelta

import click
from tqdm import tqdm

from playing.customers import Customers
from playing.provider import PlayProvider
from trendhouse import care, catalogue, reader, shopfront, story
from trendhouse.player import Player

from .shell import environment, plain_command
from .simulate import UNTIL, moved_clock, noon_of, refuse_real

# How many of the attempts to charge a saved card fail.
FAILURE_RATE = 0.1
# What the attempts of the last days come to, so that each kind of trouble is there to be seen.
LAST_DAYS = 3
TROUBLE = ["soft", "hard", "late", "silent", "soft", "hard"]


@plain_command("demo")
@click.option("--subscribers", default=300, show_default=True, type=click.IntRange(min=20), help="How many.")
@click.option("--months", default=18, show_default=True, type=click.IntRange(min=3), help="How long they came.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same demo on the same day.")
def command(db, subscribers, months, seed):
    """Fill a new test database with the subscriptions of a made-up magazine, played until yesterday."""
    with environment(db) as env:
        refuse_real(env)
        refuse_used(env)
        last = date.today() - timedelta(1)
        first = last - timedelta(round(months * 365.25 / 12))
        with moved_clock() as clock:
            play(env, clock, subscribers, seed, first, last)
        env["ir.config_parameter"].set_param(UNTIL, last.isoformat())
        return summary(env), True


def refuse_used(env):
    """End the command where somebody's orders are."""
    if env["sale.order"].search_count([], limit=1):
        raise click.ClickException(
            f"The database {env.cr.dbname} holds orders already: make a new one with setup/manage.sh init --test."
        )


def play(env, clock, subscribers, seed, first, last):
    """Play the days from ``first`` to ``last``, both included."""
    rng = random.Random(seed)
    clock.move_to(datetime.combine(first, time(8)))
    shop = catalogue.make(env, story.exchange_rates(rng, first, last))
    reader.open_self_service(env, shop.plans, (shop.home, shop.europe))
    shopfront.open_shop(env, shop)
    care.look_after(env, (shop.home.company, shop.europe.company))
    env.cr.commit()
    steps = story.tell(rng, subscribers, first, last)
    player = Player(env, shop, rng)
    customers = Customers(env, seed)
    days = [first + timedelta(number) for number in range((last - first).days + 1)]
    with PlayProvider(env, seed, FAILURE_RATE).answering() as provider:
        for day in tqdm(days, unit=" days", file=sys.stderr, disable=None):
            clock.move_to(noon_of(day))
            if day == last - timedelta(LAST_DAYS):
                provider.coming = list(TROUBLE)
            provider.act(day)
            customers.answer_refusals(day)
            customers.answer_ratings(day)
            care.do_what_is_asked(env, day)
            player.play(day, steps.get(day, ()))
            env.cr.commit()
    reader.let_in(env, shop, last)
    care.look_on(env)


def summary(env):
    """How much there is of what."""
    orders = dict(
        env["sale.order"]._read_group([("subscription_status", "!=", False)], ["subscription_status"], ["__count"])
    )
    invoices = dict(
        env["account.move"]._read_group([("move_type", "=", "out_invoice")], ["payment_state"], ["__count"])
    )
    return {
        "subscriptions": orders,
        "parked": env["sale.order"].search_count([("subscription_parked_reason", "!=", False)]),
        "invoices": invoices,
        "collections": dict(env["subscription.charge"]._read_group([], ["state"], ["__count"])),
        "health": dict(
            env["sale.order"]._read_group([("subscription_health", "!=", False)], ["subscription_health"], ["__count"])
        ),
        "automated": env["subscription.firing"].search_count([("state", "=", "done")]),
        "ratings": dict(
            env["rating.rating"]._read_group(
                [("res_model", "=", "sale.order"), ("consumed", "=", True)], ["rating"], ["__count"]
            )
        ),
    }

"""Pauses, closes and reopenings, with amounts worked out by hand: see `test_changes_table` for the words.

Days that were billed and not used are carried behind the pause, where the next period then begins; or credited.
"""

ROWS = """
A pause in the middle of a month carries the days that were paid
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 pause, carry
  2026-01-21 resume  # 21 days go on until 11 February
  2026-02-01 bill
  2026-02-11 bill = 31.00
  periods 2026-01-01 regular 2026-01-11 skip 2026-01-21 carried 2026-02-11 regular 2026-03-11
  next 2026-03-11, MRR 31.00

A pause that lasts for months
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 pause, carry
  2026-02-01 bill
  2026-03-01 bill
  2026-04-11 resume  # 21 days: until 2 May
  2026-05-01 bill
  2026-05-02 bill = 31.00
  periods 2026-01-01 regular 2026-01-11 skip 2026-04-11 carried 2026-05-02 regular 2026-06-02
  next 2026-06-02, MRR 31.00

While paused nothing is due and nothing recurs
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 pause, carry
  2026-06-01 bill
  next never, MRR 0.00

A pause until a date resumes by itself
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 pause until 2026-01-21, carry
  2026-01-20 bill
  2026-01-21 bill
  2026-02-11 bill = 31.00
  periods 2026-01-01 regular 2026-01-11 skip 2026-01-21 carried 2026-02-11 regular 2026-03-11
  next 2026-03-11, MRR 31.00

A pause until a date, the night of which is missed
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 pause until 2026-01-21, carry
  2026-02-15 bill = 31.00
  periods 2026-01-01 regular 2026-01-11 skip 2026-01-21 carried 2026-02-11 regular 2026-03-11
  next 2026-03-11, MRR 31.00

A pause planned for the end of the period
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 pause at period end, carry
  2026-02-01 bill
  2026-03-01 resume = 31.00
  periods 2026-01-01 regular 2026-02-01 skip 2026-03-01 regular 2026-04-01
  next 2026-04-01, MRR 31.00

A pause on the last day of a period
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-31 pause, carry
  2026-02-15 resume  # one day
  2026-02-16 bill = 31.00
  periods 2026-01-01 regular 2026-01-31 skip 2026-02-15 carried 2026-02-16 regular 2026-03-16
  next 2026-03-16, MRR 31.00

A pause on the first day of a period that was billed carries all of it
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-01 pause, carry
  2026-01-11 resume
  2026-02-11 bill = 31.00
  periods 2026-01-01 skip 2026-01-11 carried 2026-02-11 regular 2026-03-11
  next 2026-03-11, MRR 31.00

A pause over 29 February: days are carried, whatever month they fall in
  2028-01-31 sell 1 × 29.00 monthly
  2028-01-31 bill = 29.00
  2028-02-10 pause, carry
  2028-02-29 resume  # 19 days: until 19 March
  2028-03-19 bill = 29.00
  periods 2028-01-31 regular 2028-02-10 skip 2028-02-29 carried 2028-03-19 regular 2028-04-19
  next 2028-04-19, MRR 29.00

Two pauses in one period
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 pause, carry
  2026-01-21 resume
  2026-02-01 pause, carry
  2026-03-01 resume  # 10 days: until 11 March
  2026-03-11 bill = 31.00
  periods 2026-01-01 regular 2026-01-11 skip 2026-01-21 carried 2026-02-01 skip 2026-03-01 carried
    2026-03-11 regular 2026-04-11
  next 2026-04-11, MRR 31.00

A pause that is taken back the same day changes nothing
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 pause, carry
  2026-01-11 resume
  2026-02-01 bill = 31.00
  next 2026-03-01, MRR 31.00

A quantity rises in days that were carried
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 pause, carry
  2026-01-21 resume
  2026-02-01 quantity 2 = 10.00  # 10 of the 31 days of that period are left, at 1.00 more a day
  2026-02-11 bill = 62.00
  next 2026-03-11, MRR 62.00

Days that were carried are credited at the close
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 pause, carry
  2026-01-21 resume
  2026-02-01 close, credit = -10.00
  periods 2026-01-01 regular 2026-01-11 skip 2026-01-21 carried 2026-02-01
  next never, MRR 0.00

A pause after a higher quantity carries the days of both
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 quantity 2 = 21.00
  2026-01-21 pause, carry
  2026-02-01 resume  # 11 days: until 12 February
  2026-02-12 bill = 62.00
  periods 2026-01-01 regular 2026-01-21 skip 2026-02-01 carried 2026-02-12 regular 2026-03-12
  next 2026-03-12, MRR 62.00

A pause that credits what was paid
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 pause, credit = -21.00
  2026-01-21 resume = 31.00  # a new month from the day it goes on
  periods 2026-01-01 regular 2026-01-11 skip 2026-01-21 regular 2026-02-21
  next 2026-02-21, MRR 31.00

A pause after a higher quantity credits what was billed for both
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 quantity 2 = 21.00
  2026-01-21 pause, credit = -22.00  # 62 − 40
  next never, MRR 0.00

A credited pause, and a close that credits the days billed since
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 pause, credit = -21.00
  2026-01-21 resume = 31.00
  2026-01-25 close, credit = -27.00  # 4 of 31 used; what the pause gave back has nothing to do with it
  periods 2026-01-01 regular 2026-01-11 skip 2026-01-21 regular 2026-01-25
  next never, MRR 0.00

A plan of the first of the month credits the pause, and keeps its day
  2026-01-01 sell 1 × 31.00 first
  2026-01-01 bill = 31.00
  2026-01-11 pause = -21.00
  2026-03-16 resume = 16.00  # 16 days until 1 April
  2026-04-01 bill = 31.00
  periods 2026-01-01 regular 2026-01-11 skip 2026-03-16 stub 2026-04-01 regular 2026-05-01
  next 2026-05-01, MRR 31.00

A plan of the first of the month, paused and resumed within a month
  2026-01-01 sell 1 × 31.00 first
  2026-01-01 bill = 31.00
  2026-01-11 pause = -21.00
  2026-01-21 resume = 11.00  # 11 days until 1 February
  2026-02-01 bill = 31.00
  periods 2026-01-01 regular 2026-01-11 skip 2026-01-21 stub 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 31.00

A pause in a currency without decimals
  2026-01-01 sell 1 × 1000 monthly, in JPY
  2026-01-01 bill = 1000
  2026-01-08 pause, credit = -774  # 1000 − 226
  2026-02-01 resume = 1000
  periods 2026-01-01 regular 2026-01-08 skip 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 1000

A pause in arrears: the days before it are owed
  2026-01-01 sell 1 × 31.00 arrears
  2026-01-11 pause
  2026-02-11 resume
  2026-03-11 bill
  next 2026-04-11, MRR 31.00
  total 41.00  # 10 days of January, and a whole month from the day it went on

A year is paused, and goes on for as many days
  2026-01-01 sell 1 × 365.00 yearly
  2026-01-01 bill = 365.00
  2026-07-02 pause, carry
  2026-08-01 resume  # 183 days: until 31 January 2027
  2027-01-31 bill = 365.00
  periods 2026-01-01 regular 2026-07-02 skip 2026-08-01 carried 2027-01-31 regular 2028-01-31
  next 2028-01-31, MRR 30.4167

Two plans on one order are paused, each carries its own days
  2026-01-01 sell 1 × 31.00 monthly + 1 × 365.00 yearly
  2026-01-01 bill = 396.00
  2026-01-11 pause, carry
  2026-01-21 resume
  2026-02-11 bill = 31.00
  periods 2026-01-01 regular 2026-01-11 skip 2026-01-21 carried 2026-02-11 regular 2026-03-11 |
    2026-01-01 regular 2026-01-11 skip 2026-01-21 carried 2027-01-11
  next 2026-03-11, MRR 61.4167

Two plans on one order are paused: the aligned one is credited, the other carries
  2026-01-01 sell 1 × 31.00 first + 1 × 365.00 yearly
  2026-01-01 bill = 396.00
  2026-01-11 pause = -21.00
  2026-01-21 resume = 11.00
  2026-02-01 bill = 31.00
  periods 2026-01-01 regular 2026-01-11 skip 2026-01-21 stub 2026-02-01 regular 2026-03-01 |
    2026-01-01 regular 2026-01-11 skip 2026-01-21 carried 2027-01-11
  next 2026-03-01, MRR 61.4167

Closed at once, without a credit
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 close
  2026-02-01 bill
  next never, MRR 0.00

Closed at once, the rest credited
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 close, credit = -21.00
  2026-02-01 bill
  periods 2026-01-01 regular 2026-01-11
  next never, MRR 0.00

Closed with a credit, amounts are odd
  2026-01-01 sell 1 × 10.00 monthly
  2026-01-01 bill = 10.00
  2026-01-08 close, credit = -7.74  # 10 − 2.26
  periods 2026-01-01 regular 2026-01-08
  next never, MRR 0.00

Closed with a credit on the day of the first invoice
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-01 close, credit = -31.00
  next never, MRR 0.00

Closed with a credit on the last day of a period
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-31 close, credit = -1.00
  periods 2026-01-01 regular 2026-01-31
  next never, MRR 0.00

Closed with a credit on the leap day
  2028-02-01 sell 1 × 29.00 monthly
  2028-02-01 bill = 29.00
  2028-02-29 close, credit = -1.00
  periods 2028-02-01 regular 2028-02-29
  next never, MRR 0.00

Closed with a credit after a higher quantity
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 quantity 2 = 21.00
  2026-01-21 close, credit = -22.00  # 62 − 40
  periods 2026-01-01 regular 2026-01-21
  next never, MRR 0.00

Closed with a credit after a credited lower quantity
  2026-01-01 sell 2 × 31.00 monthly
  2026-01-01 bill = 62.00
  2026-01-11 quantity 1 = -21.00
  2026-01-21 close, credit = -11.00  # 31 − 20
  periods 2026-01-01 regular 2026-01-21
  next never, MRR 0.00

Closed with a credit on the day of a higher quantity
  2026-01-01 sell 1 × 10.00 monthly
  2026-01-01 bill = 10.00
  2026-01-08 quantity 3 = 15.49
  2026-01-08 close, credit = -23.23  # 30 − 6.77: all that was billed for the days from the 8th on
  periods 2026-01-01 regular 2026-01-08
  next never, MRR 0.00

Closed with a credit, after a discount
  2026-01-01 sell 1 × 31.00 monthly at 10 % off
  2026-01-01 bill = 27.90
  2026-01-11 close, credit = -18.90
  periods 2026-01-01 regular 2026-01-11
  next never, MRR 0.00

Closed with a credit in a short first period
  2026-01-10 sell 1 × 31.00 first
  2026-01-10 bill = 22.00
  2026-01-21 close, credit = -11.00
  periods 2026-01-10 stub 2026-01-21
  next never, MRR 0.00

Closed with a credit, tax excluded
  2026-01-01 sell 1 × 9.99 monthly, tax 21 excluded
  2026-01-01 bill = 9.99 (12.09)
  2026-01-08 close, credit = -7.73 (-9.35)  # 9.99 − 2.26; tax 1.623…
  next never, MRR 0.00

Closed with a credit, tax included
  2026-01-01 sell 1 × 9.99 monthly, tax 21 included
  2026-01-01 bill = 8.26 (9.99)
  2026-01-08 close, credit = -6.39 (-7.73)  # 9.99 − 2.26, gross; ÷ 1.21 = 6.388…
  next never, MRR 0.00

Closed with a credit, in a currency without decimals
  2026-01-01 sell 1 × 1000 monthly, in JPY
  2026-01-01 bill = 1000
  2026-01-08 close, credit = -774  # 1000 − 226
  next never, MRR 0.00

Closed at the end of the period
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 close at period end
  2026-01-31 bill
  2026-02-01 bill
  periods 2026-01-01 regular 2026-02-01
  next never, MRR 0.00

Closed on a date ahead: the last period is short
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 close from 2026-02-15
  2026-02-01 bill = 15.50  # 14 of 28 days
  2026-02-15 bill
  periods 2026-01-01 regular 2026-02-01 stub 2026-02-15
  next never, MRR 0.00

Closed on a date ahead, inside the days that were billed, with a credit
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 close from 2026-01-21, credit
  2026-01-20 bill
  2026-01-21 bill = -11.00
  periods 2026-01-01 regular 2026-01-21
  next never, MRR 0.00

A close that lies ahead is taken back
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 close from 2026-02-15, credit
  2026-01-12 withdraw
  2026-02-01 bill = 31.00
  2026-02-15 bill
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 31.00

In arrears a close bills the days until then
  2026-01-01 sell 1 × 31.00 arrears
  2026-01-11 close
  2026-01-11 bill
  2026-02-01 bill
  periods 2026-01-01 stub 2026-01-11
  next never, MRR 0.00
  total 10.00

In arrears a close after a change bills both parts
  2026-01-01 sell 1 × 10.00 arrears
  2026-01-08 quantity 3
  2026-01-20 close
  2026-02-01 bill
  next never, MRR 0.00
  total 13.88  # 2.26; 18.39 − 6.77 = 11.62

Two plans on one order are closed, both credited on one note
  2026-01-01 sell 1 × 31.00 monthly + 1 × 365.00 yearly
  2026-01-01 bill = 396.00
  2026-01-11 close, credit = -376.00  # 21 + 355
  periods 2026-01-01 regular 2026-01-11 | 2026-01-01 regular 2026-01-11
  next never, MRR 0.00

Closed with a credit and opened again
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 close, credit = -21.00
  2026-01-21 reopen
  2026-01-21 bill
  periods 2026-01-01 regular 2026-01-11 skip 2026-01-21 regular 2026-02-21
  next 2026-02-21, MRR 31.00
  total 41.00  # 10 + 31

A paused subscription is closed: what was paid and not used is credited
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 pause, carry
  2026-02-01 close, credit = -21.00
  next never, MRR 0.00

A paused subscription is closed in the middle of a month of which nothing was billed
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 pause, carry
  2026-02-10 close, credit = -21.00
  2026-03-01 bill
  periods 2026-01-01 regular 2026-01-11 skip 2026-02-10
  next never, MRR 0.00

A paused subscription is closed without a credit: the pause is not billed
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 pause, carry
  2026-02-10 close
  2026-03-01 bill
  periods 2026-01-01 regular 2026-01-11 skip 2026-02-10
  next never, MRR 0.00

A credited pause, closed with a credit: nothing is given back twice
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 pause, credit = -21.00
  2026-02-10 close, credit
  2026-03-01 bill
  next never, MRR 0.00

A pause that gives nothing back, closed with a credit of what is left by then
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 pause, none
  2026-01-21 close, credit = -11.00
  2026-03-01 bill
  periods 2026-01-01 regular 2026-01-21
  next never, MRR 0.00

A pause that gives nothing back, over the end of the period
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 pause, none
  2026-02-11 resume = 31.00
  periods 2026-01-01 regular 2026-02-01 skip 2026-02-11 regular 2026-03-11
  next 2026-03-11, MRR 31.00

A paused subscription is closed and opened again
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 pause, carry
  2026-02-01 close, credit = -21.00
  2026-02-11 reopen
  2026-02-11 bill = 31.00
  periods 2026-01-01 regular 2026-01-11 skip 2026-02-01 skip 2026-02-11 regular 2026-03-11
  next 2026-03-11, MRR 31.00

A plan without proration is paused: what was paid is carried all the same
  2026-01-01 sell 1 × 31.00 unprorated
  2026-01-01 bill = 31.00
  2026-01-11 pause
  2026-01-21 resume
  2026-02-11 bill = 31.00
  periods 2026-01-01 regular 2026-01-11 skip 2026-01-21 carried 2026-02-11 regular 2026-03-11
  next 2026-03-11, MRR 31.00

A quantity that was zero rises, and the close credits what was charged for it
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-05 quantity 0 at period end
  2026-02-01 bill
  2026-02-15 quantity 2 = 31.00  # 14 of 28 used: 62 − 31
  2026-02-22 close, credit = -15.50  # 7 of its 14 days are left
  next never, MRR 0.00

A quantity that was zero rises, and a pause carries what was charged for it
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-05 quantity 0 at period end
  2026-02-01 bill
  2026-02-15 quantity 2 = 31.00
  2026-02-22 pause, carry
  2026-03-01 resume  # 7 days: until 8 March
  2026-03-08 bill = 62.00
  next 2026-04-08, MRR 62.00

A quantity changes, then a pause, then the close with a credit
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 quantity 2 = 21.00
  2026-01-16 pause, carry
  2026-01-26 resume  # 16 days: until 11 February
  2026-02-05 close, credit = -12.00  # 6 days at 2.00
  next never, MRR 0.00
"""

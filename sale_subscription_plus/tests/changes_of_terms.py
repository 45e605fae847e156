"""Changes of quantity, price and discount, with amounts worked out by hand: see `test_changes_table` for the words.

A price of 31.00 makes a day of January cost 1.00. The rest of a period is its whole less the rounded share of the
days used; a change costs the rest at the new terms less the rest at the old ones.
"""

ROWS = """
A quantity rises in the middle of a month
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 quantity 2 = 21.00  # 10 of 31 days used: (62 − 20) − (31 − 10)
  2026-02-01 bill = 62.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 62.00

A quantity rises, amounts are odd
  2026-01-01 sell 1 × 10.00 monthly
  2026-01-01 bill = 10.00
  2026-01-08 quantity 3 = 15.49  # 7 of 31 used: (30 − 6.77) − (10 − 2.26), from 6.774… and 2.258…
  2026-02-01 bill = 30.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 30.00

A quantity rises on the first day of a period that was billed in the night
  2026-01-01 sell 1 × 31.00 monthly
  2026-02-01 bill = 31.00, 31.00  # January and February, each on its invoice
  2026-02-01 quantity 2 = 31.00  # nothing used: 62 − 31
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 62.00

A quantity rises from the first day of a period that is not billed yet
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-20 quantity 2 from 2026-02-01
  2026-02-01 bill = 62.00  # the change comes first, then its day is billed: no proration
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 62.00

A quantity rises on the last day of a period
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-31 quantity 2 = 1.00  # 30 of 31 used: (62 − 60) − (31 − 30)
  2026-02-01 bill = 62.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 62.00

A quantity rises on the day of the start, before anything is billed
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 quantity 2 = 62.00  # the change comes first, then its day is billed at once
  2026-01-01 bill
  periods 2026-01-01 regular 2026-02-01
  next 2026-02-01, MRR 62.00

A quantity falls at once and is credited
  2026-01-01 sell 2 × 31.00 monthly
  2026-01-01 bill = 62.00
  2026-01-11 quantity 1 = -21.00  # (31 − 10) − (62 − 20)
  2026-02-01 bill = 31.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 31.00

A quantity falls on the last day of a period and is credited
  2026-01-01 sell 3 × 10.00 monthly
  2026-01-01 bill = 30.00
  2026-01-31 quantity 1 = -0.65  # 30 of 31 used: (10 − 9.68) − (30 − 29.03) = 0.32 − 0.97
  2026-02-01 bill = 10.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 10.00

A quantity falls at the end of the period and moves no money
  2026-01-01 sell 2 × 31.00 monthly
  2026-01-01 bill = 62.00
  2026-01-11 quantity 1 at period end
  2026-01-31 bill
  2026-02-01 bill = 31.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 31.00

A quantity falls to zero at once
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-16 quantity 0 = -16.00  # 15 of 31 used: 0 − (31 − 15)
  2026-02-01 bill
  periods 2026-01-01 regular 2026-02-01 skip 2026-03-01
  next 2026-03-01, MRR 0.00

A quantity falls to zero and comes back in the same period
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 quantity 0 = -21.00
  2026-01-21 quantity 1 = 11.00  # 20 of 31 used: (31 − 20) − 0
  2026-02-01 bill = 31.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 31.00

A quantity of zero at the end of the period comes back in the middle of the next, of which nothing was billed
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 quantity 0 at period end
  2026-02-01 bill
  2026-02-15 quantity 2 = 31.00  # 14 of 28 used: 62 − 31, less nothing
  2026-03-01 bill = 62.00
  next 2026-04-01, MRR 62.00

A quantity changes twice in a period
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 quantity 2 = 21.00
  2026-01-21 quantity 3 = 11.00  # 20 of 31 used: (93 − 60) − (62 − 40)
  2026-02-01 bill = 93.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 93.00

A quantity rises and falls back in a period
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 quantity 2 = 21.00
  2026-01-21 quantity 1 = -11.00  # (31 − 20) − (62 − 40)
  2026-02-01 bill = 31.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 31.00

A quantity rises and falls back on one day, which comes to nothing
  2026-01-01 sell 1 × 10.00 monthly
  2026-01-01 bill = 10.00
  2026-01-08 quantity 2 = 7.74  # 7 of 31 used: (20 − 4.52) − (10 − 2.26) = 15.48 − 7.74
  2026-01-08 quantity 1 = -7.74
  2026-02-01 bill = 10.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 10.00

A quantity with a fraction
  2026-01-01 sell 1.5 × 31.00 monthly
  2026-01-01 bill = 46.50
  2026-01-11 quantity 2.5 = 21.00  # (77.50 − 25) − (46.50 − 15)
  2026-02-01 bill = 77.50
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 77.50

A thousand pieces for a few cents each
  2026-01-01 sell 1000 × 0.05 monthly
  2026-01-01 bill = 50.00
  2026-01-11 quantity 1100 = 3.39  # 10 of 31 used: (55 − 17.74) − (50 − 16.13) = 37.26 − 33.87
  2026-02-01 bill = 55.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 55.00

A quantity planned for the middle of the next period
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 quantity 2 from 2026-02-15
  2026-02-01 bill = 31.00
  2026-02-14 bill
  2026-02-15 bill = 15.50  # 14 of 28 used: (62 − 31) − (31 − 15.50)
  2026-03-01 bill = 62.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01 regular 2026-04-01
  next 2026-04-01, MRR 62.00

A planned quantity falls due among missed periods
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 quantity 2 from 2026-02-15
  2026-03-05 bill = 108.50  # February 31, from the 15th on (62 − 31) − (31 − 15.50) = 15.50, March 62
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01 regular 2026-04-01
  next 2026-04-01, MRR 62.00
  any split on 2026-03-05

A planned quantity is taken back in time
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 quantity 2 from 2026-02-01
  2026-01-12 withdraw
  2026-02-01 bill = 31.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 31.00

A price rises in the middle of a month
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 price 40 = 6.10  # (40 − 12.90) − (31 − 10), from 12.903…
  2026-02-01 bill = 40.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 40.00

A price falls at once and is credited
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 price 20 = -7.45  # (20 − 6.45) − (31 − 10), from 6.451…
  2026-02-01 bill = 20.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 20.00

A price falls at the end of the period and moves no money
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 price 20 at period end
  2026-02-01 bill = 20.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 20.00

A price falls to nothing at once
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 price 0 = -21.00
  2026-02-01 bill = 0.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 0.00

A price rises and the quantity, too, in one period
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 price 62 = 21.00  # (62 − 20) − (31 − 10)
  2026-01-21 quantity 2 = 22.00  # 20 of 31 used: (124 − 80) − (62 − 40)
  2026-02-01 bill = 124.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 124.00

A discount begins in the middle of a month
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 discount 50 = -10.50  # (15.50 − 5) − (31 − 10)
  2026-02-01 bill = 15.50
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 15.50

A discount of all that is left
  2026-01-01 sell 1 × 10.00 monthly
  2026-01-01 bill = 10.00
  2026-01-08 discount 100 = -7.74  # 0 − (10 − 2.26)
  2026-02-01 bill = 0.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 0.00

A discount for two periods, then the full price by itself
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-15 discount 50 for 2 periods from 2026-02-01
  2026-02-01 bill = 15.50
  2026-03-01 bill = 15.50
  2026-04-01 bill = 31.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01 regular 2026-04-01 regular 2026-05-01
  next 2026-05-01, MRR 31.00

A discount for two periods, billed months later in one night
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-15 discount 50 for 2 periods from 2026-02-01
  2026-04-20 bill = 15.50, 15.50, 31.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01 regular 2026-04-01 regular 2026-05-01
  next 2026-05-01, MRR 31.00

A discount for two periods, from the first day on
  2026-01-31 sell 1 × 31.00 monthly
  2026-01-31 discount 50 for 2 periods = 15.50
  2026-02-28 bill = 15.50
  2026-03-31 bill = 31.00
  periods 2026-01-31 regular 2026-02-28 regular 2026-03-31 regular 2026-04-30
  next 2026-04-30, MRR 31.00

A discount ends
  2026-01-01 sell 1 × 31.00 monthly at 10 % off
  2026-01-01 bill = 27.90
  2026-01-11 discount 0 = 2.10  # (31 − 10) − (27.90 − 9)
  2026-02-01 bill = 31.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 31.00

A discount stays when the quantity changes
  2026-01-01 sell 1 × 31.00 monthly at 10 % off
  2026-01-01 bill = 27.90
  2026-01-11 quantity 2 = 18.90  # (55.80 − 18) − (27.90 − 9)
  2026-02-01 bill = 55.80
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 55.80

A subscription of the 31st: February has 28 days, and March is billed on the 31st again
  2026-01-31 sell 1 × 28.00 monthly
  2026-01-31 bill = 28.00
  2026-02-14 quantity 2 = 14.00  # 14 of 28 used: (56 − 28) − (28 − 14)
  2026-02-28 bill = 56.00
  2026-03-30 quantity 3 = 0.90  # 30 of 31 used: (84 − 81.29) − (56 − 54.19), from 81.290… and 54.193…
  2026-03-31 bill = 84.00
  periods 2026-01-31 regular 2026-02-28 regular 2026-03-31 regular 2026-04-30
  next 2026-04-30, MRR 84.00

A subscription of the 31st in a leap year: February has 29 days
  2028-01-31 sell 1 × 29.00 monthly
  2028-01-31 bill = 29.00
  2028-02-10 quantity 2 = 19.00  # 10 of 29 used: (58 − 20) − (29 − 10)
  2028-02-29 bill = 58.00
  periods 2028-01-31 regular 2028-02-29 regular 2028-03-31
  next 2028-03-31, MRR 58.00

A monthly subscription that starts on the leap day
  2028-02-29 sell 1 × 29.00 monthly
  2028-02-29 bill = 29.00
  2028-03-14 quantity 2 = 15.00  # 14 of the 29 days until 29 March used: (58 − 28) − (29 − 14)
  2028-03-29 bill = 58.00
  periods 2028-02-29 regular 2028-03-29 regular 2028-04-29
  next 2028-04-29, MRR 58.00

A yearly subscription that starts on the leap day
  2028-02-29 sell 1 × 365.00 yearly
  2028-02-29 bill = 365.00
  2028-03-10 price 730 = 355.00  # 10 of the 365 days until 28 February used: (730 − 20) − (365 − 10)
  2029-02-28 bill = 730.00
  periods 2028-02-29 regular 2029-02-28 regular 2030-02-28
  next 2030-02-28, MRR 60.8333

A yearly subscription of the leap day, four years later
  2028-02-29 sell 1 × 366.00 yearly
  2028-02-29 bill = 366.00
  2029-02-28 bill = 366.00
  2030-02-28 bill = 366.00
  2031-02-28 bill = 366.00
  2032-02-28 quantity 2 = 1.00  # 365 of the 366 days until 29 February used: (732 − 730) − (366 − 365)
  2032-02-29 bill = 732.00
  next 2033-02-28, MRR 61.00

A year with a leap day in it
  2027-03-01 sell 1 × 366.00 yearly
  2027-03-01 bill = 366.00
  2028-02-29 quantity 2 = 1.00  # its last day
  2028-03-01 bill = 732.00
  periods 2027-03-01 regular 2028-03-01 regular 2029-03-01
  next 2029-03-01, MRR 61.00

A quantity rises in the middle of a year
  2026-01-01 sell 1 × 365.00 yearly
  2026-01-01 bill = 365.00
  2026-07-02 quantity 2 = 183.00  # 182 of 365 used: (730 − 364) − (365 − 182)
  2027-01-01 bill = 730.00
  periods 2026-01-01 regular 2027-01-01 regular 2028-01-01
  next 2028-01-01, MRR 60.8333

A quantity rises in the middle of a quarter
  2026-01-01 sell 1 × 90.00 quarterly
  2026-01-01 bill = 90.00
  2026-01-31 quantity 2 = 60.00  # 30 of 90 used: (180 − 60) − (90 − 30)
  2026-04-01 bill = 180.00
  periods 2026-01-01 regular 2026-04-01 regular 2026-07-01
  next 2026-07-01, MRR 60.00

A quantity rises in the middle of a week
  2026-01-01 sell 1 × 70.00 weekly
  2026-01-01 bill = 70.00
  2026-01-04 quantity 2 = 40.00  # 3 of 7 used: (140 − 60) − (70 − 30)
  2026-01-08 bill = 140.00
  periods 2026-01-01 regular 2026-01-08 regular 2026-01-15
  next 2026-01-15, MRR 608.75  # 140 × 365.25 ÷ 12 ÷ 7

A quantity falls on the last day of a week
  2026-01-01 sell 2 × 70.00 weekly
  2026-01-01 bill = 140.00
  2026-01-07 quantity 1 = -10.00  # 6 of 7 used: (70 − 60) − (140 − 120)
  2026-01-08 bill = 70.00
  periods 2026-01-01 regular 2026-01-08 regular 2026-01-15
  next 2026-01-15, MRR 304.375

A first period that is short, until the first of the month
  2026-01-10 sell 1 × 31.00 first
  2026-01-10 bill = 22.00  # 22 of 31 days
  2026-01-21 quantity 2 = 11.00  # 11 days are left, at 1.00 more a day
  2026-02-01 bill = 62.00
  periods 2026-01-10 stub 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 62.00

A plan without proration: a higher quantity counts from the next period
  2026-01-01 sell 1 × 31.00 unprorated
  2026-01-01 bill = 31.00
  2026-01-11 quantity 2
  2026-02-01 bill = 62.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 62.00

A plan without proration: nothing is credited for a lower quantity
  2026-01-01 sell 2 × 31.00 unprorated
  2026-01-01 bill = 62.00
  2026-01-11 quantity 1
  2026-02-01 bill = 31.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 31.00

Tax excluded: the net parts add up
  2026-01-01 sell 1 × 31.00 monthly, tax 21 excluded
  2026-01-01 bill = 31.00 (37.51)
  2026-01-11 quantity 2 = 21.00 (25.41)
  2026-02-01 bill = 62.00 (75.02)
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 62.00

Tax included: the gross parts add up
  2026-01-01 sell 1 × 31.00 monthly, tax 21 included
  2026-01-01 bill = 25.62 (31.00)  # 31 ÷ 1.21 = 25.619…
  2026-01-11 quantity 2 = 17.36 (21.00)  # (62 − 20) − (31 − 10), gross; 21 ÷ 1.21 = 17.355…
  2026-02-01 bill = 51.24 (62.00)  # 51.239…
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 51.24

Tax included: a lower price is credited gross
  2026-01-01 sell 2 × 9.99 monthly, tax 21 included
  2026-01-01 bill = 16.51 (19.98)  # 16.512…
  2026-01-08 price 4.99 = -6.40 (-7.74)  # (9.98 − 2.25) − (19.98 − 4.51) = 7.73 − 15.47; ÷ 1.21 = 6.396…
  2026-02-01 bill = 8.25 (9.98)  # 8.247…
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 8.25

A currency without decimals
  2026-01-01 sell 1 × 1000 monthly, in JPY
  2026-01-01 bill = 1000
  2026-01-11 quantity 2 = 678  # (2000 − 645) − (1000 − 323), from 645.1… and 322.5…
  2026-02-01 bill = 2000
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 2000

A currency without decimals, and a lower price
  2026-01-01 sell 1 × 1000 monthly, in JPY
  2026-01-01 bill = 1000
  2026-01-08 price 500 = -387  # (500 − 113) − (1000 − 226), from 112.9… and 225.8…
  2026-02-01 bill = 500
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 500

In arrears a higher quantity splits the period, billed at its end
  2026-01-01 sell 1 × 31.00 arrears
  2026-01-11 quantity 2
  2026-02-01 bill = 52.00  # 10 days at 1, 21 days at 2: 10 − 0, and 62 − 20
  periods 2026-01-01 stub 2026-01-11 stub 2026-02-01
  next 2026-03-01, MRR 62.00

In arrears two changes make three parts
  2026-01-01 sell 1 × 10.00 arrears
  2026-01-08 quantity 3
  2026-01-20 quantity 2
  2026-02-01 bill = 21.62  # 2.26, 18.39 − 6.77 = 11.62, 20 − 12.26 = 7.74
  periods 2026-01-01 stub 2026-01-08 stub 2026-01-20 stub 2026-02-01
  next 2026-03-01, MRR 20.00

In arrears a change on the first day of a period splits nothing
  2026-01-01 sell 1 × 31.00 arrears
  2026-02-01 quantity 2 = 31.00  # January was due that day, and is billed as it was
  2026-03-01 bill = 62.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-04-01, MRR 62.00

In arrears a change on the last day of a period
  2026-01-01 sell 1 × 31.00 arrears
  2026-01-31 quantity 2
  2026-02-01 bill = 32.00  # 30 days at 1, one day at 2
  periods 2026-01-01 stub 2026-01-31 stub 2026-02-01
  next 2026-03-01, MRR 62.00

In arrears a lower price at the end of the period
  2026-01-01 sell 1 × 31.00 arrears
  2026-01-11 price 20 at period end
  2026-02-01 bill = 31.00
  2026-03-01 bill = 20.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-04-01, MRR 20.00

In arrears a quantity falls to zero
  2026-01-01 sell 1 × 31.00 arrears
  2026-01-11 quantity 0
  2026-02-01 bill = 10.00
  periods 2026-01-01 stub 2026-01-11 skip 2026-02-01
  next 2026-03-01, MRR 0.00

In arrears a discount begins in the middle
  2026-01-01 sell 1 × 31.00 arrears
  2026-01-16 discount 50
  2026-02-01 bill = 23.00  # 15 days at 1.00; 15.50 − 7.50
  periods 2026-01-01 stub 2026-01-16 stub 2026-02-01
  next 2026-03-01, MRR 15.50

In arrears, months later in one night, with a planned change among them
  2026-01-01 sell 1 × 31.00 arrears
  2026-01-05 quantity 2 from 2026-02-15
  2026-03-20 bill = 31.00, 46.50  # February: 15.50 until the 15th, 62 − 31 from then on
  periods 2026-01-01 regular 2026-02-01 stub 2026-02-15 stub 2026-03-01
  next 2026-04-01, MRR 62.00

In arrears by the year
  2026-01-01 sell 1 × 365.00 arrears-yearly
  2026-07-02 quantity 2
  2027-01-01 bill = 548.00  # 182 days at 1.00; 730 − 364
  periods 2026-01-01 stub 2026-07-02 stub 2027-01-01
  next 2028-01-01, MRR 60.8333

In arrears in a currency without decimals
  2026-01-01 sell 1 × 1000 arrears, in JPY
  2026-01-08 quantity 3
  2026-01-20 quantity 2
  2026-02-01 bill = 2162  # 226; 1839 − 677 = 1162; 2000 − 1226 = 774
  periods 2026-01-01 stub 2026-01-08 stub 2026-01-20 stub 2026-02-01
  next 2026-03-01, MRR 2000

In arrears with tax included
  2026-01-01 sell 1 × 10.00 arrears, tax 21 included
  2026-01-08 quantity 3
  2026-02-01 bill = 21.07 (25.49)  # 2.26 and 23.23 gross; ÷ 1.21 = 1.867… and 19.198…: 1.87 + 19.20
  periods 2026-01-01 stub 2026-01-08 stub 2026-02-01
  next 2026-03-01, MRR 24.79  # 30 ÷ 1.21

In arrears on a plan without proration a change counts from the next period
  2026-01-01 sell 1 × 31.00 arrears-unprorated
  2026-01-11 quantity 2
  2026-02-01 bill = 31.00
  2026-03-01 bill = 62.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-04-01, MRR 62.00

Two plans on one order: the monthly line changes
  2026-01-01 sell 1 × 31.00 monthly + 1 × 365.00 yearly
  2026-01-01 bill = 396.00
  2026-01-11 quantity 2 of line 1 = 21.00
  2026-02-01 bill = 62.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01 | 2026-01-01 regular 2027-01-01
  next 2026-03-01, MRR 92.4167  # 62 + 365 ÷ 12

Two plans on one order: the yearly line changes
  2026-01-01 sell 1 × 31.00 monthly + 1 × 365.00 yearly
  2026-01-01 bill = 396.00
  2026-01-11 quantity 2 of line 2 = 355.00  # 10 of 365 used: (730 − 20) − (365 − 10)
  2026-02-01 bill = 31.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01 | 2026-01-01 regular 2027-01-01
  next 2026-03-01, MRR 91.8333  # 31 + 730 ÷ 12

Two plans on one order: both lines change together, on one invoice
  2026-01-01 sell 1 × 31.00 monthly + 1 × 365.00 yearly
  2026-01-01 bill = 396.00
  2026-01-11 quantity 2 of line 1 and 2 = 376.00  # 21 + 355
  2026-02-01 bill = 62.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01 | 2026-01-01 regular 2027-01-01
  next 2026-03-01, MRR 122.8333  # 62 + 730 ÷ 12

In advance and in arrears on one order
  2026-01-01 sell 1 × 31.00 monthly + 1 × 31.00 arrears
  2026-01-01 bill = 31.00
  2026-01-11 quantity 2 of line 1 and 2 = 21.00  # the line in arrears waits for its period's end
  2026-02-01 bill = 114.00  # 62 for February; 10 + 42 for January
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01 | 2026-01-01 stub 2026-01-11 stub 2026-02-01
  next 2026-03-01, MRR 124.00
"""

"""Switches to another plan, with amounts worked out by hand: see `test_changes_table` for the words.

What was billed ahead is credited, in the same document that bills the first period of the new plan; the new
plan's periods count from the day of the switch.
"""

ROWS = """
Monthly to yearly in the middle of a month
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 plan yearly at 365.00 = 344.00  # 365 − (31 − 10)
  2026-02-01 bill
  2027-01-11 bill = 365.00
  periods 2026-01-01 regular 2026-01-11 regular 2027-01-11 regular 2028-01-11
  next 2028-01-11, MRR 30.4167

Monthly to yearly at the end of the period
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 plan yearly at 365.00 at period end
  2026-02-01 bill = 365.00
  periods 2026-01-01 regular 2026-02-01 regular 2027-02-01
  next 2027-02-01, MRR 30.4167

Yearly to monthly in the middle of a year: what was paid ahead comes back
  2026-01-01 sell 1 × 365.00 yearly
  2026-01-01 bill = 365.00
  2026-03-01 plan monthly at 31.00 = -275.00  # 31 − (365 − 59)
  2026-04-01 bill = 31.00
  periods 2026-01-01 regular 2026-03-01 regular 2026-04-01 regular 2026-05-01
  next 2026-05-01, MRR 31.00
  any split on 2026-03-01

Yearly to monthly at the end of the period
  2026-01-01 sell 1 × 365.00 yearly
  2026-01-01 bill = 365.00
  2026-03-01 plan monthly at 31.00 at period end
  2027-01-01 bill = 31.00
  2027-02-01 bill = 31.00
  periods 2026-01-01 regular 2027-01-01 regular 2027-02-01 regular 2027-03-01
  next 2027-03-01, MRR 31.00

To a quarter on the 31st: its last day comes back, and 30 April is the next
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-31 plan quarterly at 90.00 = 89.00  # 90 − 1
  2026-04-30 bill = 90.00
  2026-07-31 bill = 90.00
  periods 2026-01-01 regular 2026-01-31 regular 2026-04-30 regular 2026-07-31 regular 2026-10-31
  next 2026-10-31, MRR 30.00

A subscription of the 31st becomes a yearly one at the end of February
  2026-01-31 sell 1 × 28.00 monthly
  2026-01-31 bill = 28.00
  2026-02-20 plan yearly at 365.00 at period end
  2026-02-28 bill = 365.00
  periods 2026-01-31 regular 2026-02-28 regular 2027-02-28
  next 2027-02-28, MRR 30.4167

Monthly to yearly on the leap day
  2028-02-01 sell 1 × 29.00 monthly
  2028-02-01 bill = 29.00
  2028-02-29 plan yearly at 365.00 = 364.00  # 365 − 1
  2029-02-28 bill = 365.00
  periods 2028-02-01 regular 2028-02-29 regular 2029-02-28 regular 2030-02-28
  next 2030-02-28, MRR 30.4167

Yearly from the leap day to monthly
  2028-02-29 sell 1 × 365.00 yearly
  2028-02-29 bill = 365.00
  2029-02-27 plan monthly at 29.00 = 28.00  # one of 365 days is left: 29 − 1
  2029-03-27 bill = 29.00
  periods 2028-02-29 regular 2029-02-27 regular 2029-03-27 regular 2029-04-27
  next 2029-04-27, MRR 29.00

Weekly to monthly in the middle of a week
  2026-01-01 sell 1 × 70.00 weekly
  2026-01-01 bill = 70.00
  2026-01-04 plan monthly at 310.00 = 270.00  # 310 − (70 − 30)
  2026-02-04 bill = 310.00
  periods 2026-01-01 regular 2026-01-04 regular 2026-02-04 regular 2026-03-04
  next 2026-03-04, MRR 310.00

A switch on the day of the first invoice takes all of it back
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-01 plan yearly at 365.00 = 334.00  # 365 − 31
  periods 2026-01-01 regular 2027-01-01
  next 2027-01-01, MRR 30.4167

A switch before anything is billed
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 plan yearly at 365.00 = 365.00
  periods 2026-01-01 regular 2027-01-01
  next 2027-01-01, MRR 30.4167

A switch planned for a date in the middle of the next month
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-05 plan yearly at 365.00 from 2026-02-15
  2026-02-01 bill = 31.00
  2026-02-15 bill = 349.50  # 365 − (31 − 15.50)
  periods 2026-01-01 regular 2026-02-01 regular 2026-02-15 regular 2027-02-15
  next 2027-02-15, MRR 30.4167

A planned switch falls due among missed periods
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-05 plan quarterly at 90.00 from 2026-02-15
  2026-06-01 bill = 195.50  # February 31, less its rest 15.50; quarters from 15 February and 15 May
  periods 2026-01-01 regular 2026-02-01 regular 2026-02-15 regular 2026-05-15 regular 2026-08-15
  next 2026-08-15, MRR 30.00
  any split on 2026-06-01

There and back in one period
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 plan yearly at 365.00 = 344.00
  2026-01-21 plan monthly at 31.00 = -324.00  # 31 − (365 − 10)
  2026-02-21 bill = 31.00
  periods 2026-01-01 regular 2026-01-11 regular 2026-01-21 regular 2026-02-21 regular 2026-03-21
  next 2026-03-21, MRR 31.00
  any split on 2026-01-21

A switch after a higher quantity credits what was billed for both
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 quantity 2 = 21.00
  2026-01-21 plan yearly at 365.00 = 708.00  # 730 − (62 − 40)
  periods 2026-01-01 regular 2026-01-21 regular 2027-01-21
  next 2027-01-21, MRR 60.8333

A switch after a credited lower quantity credits only what is left
  2026-01-01 sell 2 × 31.00 monthly
  2026-01-01 bill = 62.00
  2026-01-11 quantity 1 = -21.00
  2026-01-21 plan yearly at 365.00 = 354.00  # 365 − (31 − 20)
  periods 2026-01-01 regular 2026-01-21 regular 2027-01-21
  next 2027-01-21, MRR 30.4167

A switch with odd amounts
  2026-01-01 sell 3 × 9.99 monthly
  2026-01-01 bill = 29.97
  2026-01-08 plan yearly at 99.90 = 276.50  # 299.70 − (29.97 − 6.77), from 6.767…
  periods 2026-01-01 regular 2026-01-08 regular 2027-01-08
  next 2027-01-08, MRR 24.975

A switch keeps the discount
  2026-01-01 sell 1 × 31.00 monthly at 10 % off
  2026-01-01 bill = 27.90
  2026-01-11 plan yearly at 365.00 = 309.60  # 328.50 − (27.90 − 9)
  periods 2026-01-01 regular 2026-01-11 regular 2027-01-11
  next 2027-01-11, MRR 27.375

A switch with tax included
  2026-01-01 sell 1 × 31.00 monthly, tax 21 included
  2026-01-01 bill = 25.62 (31.00)
  2026-01-11 plan yearly at 365.00 = 284.30 (344.00)  # 365 − 21, gross; 344 ÷ 1.21 = 284.297…
  periods 2026-01-01 regular 2026-01-11 regular 2027-01-11
  next 2027-01-11, MRR 25.1375  # 301.65 ÷ 12

A switch in a currency without decimals
  2026-01-01 sell 1 × 1000 monthly, in JPY
  2026-01-01 bill = 1000
  2026-01-08 plan yearly at 10000 = 9226  # 10000 − (1000 − 226)
  periods 2026-01-01 regular 2026-01-08 regular 2027-01-08
  next 2027-01-08, MRR 833.3333

To the first of the month: a short period comes first
  2026-01-10 sell 1 × 31.00 monthly
  2026-01-10 bill = 31.00
  2026-01-20 plan first at 93.00 = 15.00  # 12 of 31 days: 36; less 21 of the 31 days until 10 February
  2026-02-01 bill = 93.00
  periods 2026-01-10 regular 2026-01-20 stub 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 93.00

From the first of the month to any day
  2026-01-01 sell 1 × 31.00 first
  2026-01-01 bill = 31.00
  2026-01-11 plan monthly at 62.00 = 41.00  # 62 − 21
  2026-02-11 bill = 62.00
  periods 2026-01-01 regular 2026-01-11 regular 2026-02-11 regular 2026-03-11
  next 2026-03-11, MRR 62.00

From advance to arrears in the middle of a month
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 plan arrears at 62.00 = -21.00
  2026-02-01 bill
  2026-02-11 bill = 62.00
  periods 2026-01-01 regular 2026-01-11 regular 2026-02-11
  next 2026-03-11, MRR 62.00

From advance to arrears at the end of the period
  2026-01-01 sell 1 × 31.00 monthly
  2026-01-01 bill = 31.00
  2026-01-11 plan arrears at 62.00 at period end
  2026-02-01 bill
  2026-03-01 bill = 62.00
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-04-01, MRR 62.00

From arrears to advance in the middle of a month
  2026-01-01 sell 1 × 31.00 arrears
  2026-01-11 plan monthly at 62.00 = 72.00  # 10 days in arrears, and the new month
  2026-02-11 bill = 62.00
  periods 2026-01-01 stub 2026-01-11 regular 2026-02-11 regular 2026-03-11
  next 2026-03-11, MRR 62.00
  any split on 2026-01-11

From arrears to advance at the end of the period
  2026-01-01 sell 1 × 31.00 arrears
  2026-01-11 plan monthly at 62.00 at period end
  2026-02-01 bill = 93.00  # January in arrears, February ahead
  periods 2026-01-01 regular 2026-02-01 regular 2026-03-01
  next 2026-03-01, MRR 62.00
  any split on 2026-02-01

From arrears to advance after a change that split the period
  2026-01-01 sell 1 × 31.00 arrears
  2026-01-11 quantity 2
  2026-01-21 plan yearly at 365.00 = 760.00  # 10; 40 − 20 = 20; 730
  periods 2026-01-01 stub 2026-01-11 stub 2026-01-21 regular 2027-01-21
  next 2027-01-21, MRR 60.8333
  any split on 2026-01-21

From arrears to arrears of another length
  2026-01-01 sell 1 × 31.00 arrears
  2026-01-11 plan arrears-yearly at 365.00
  2026-01-11 bill
  2027-01-11 bill = 365.00
  next 2028-01-11, MRR 30.4167
  total 375.00  # 10 days of January, whenever they are billed

One of two lines switches
  2026-01-01 sell 1 × 31.00 monthly + 1 × 365.00 yearly
  2026-01-01 bill = 396.00
  2026-01-11 plan yearly at 730.00 of line 1 = 709.00  # 730 − 21
  periods 2026-01-01 regular 2026-01-11 regular 2027-01-11 | 2026-01-01 regular 2027-01-01
  next 2027-01-01, MRR 91.25

A plan without proration switches at the end of its period
  2026-01-01 sell 1 × 31.00 unprorated
  2026-01-01 bill = 31.00
  2026-01-11 plan yearly at 365.00 at period end
  2026-02-01 bill = 365.00
  periods 2026-01-01 regular 2026-02-01 regular 2027-02-01
  next 2027-02-01, MRR 30.4167
"""

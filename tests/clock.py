"""The clock of the tests. `TEST_MOMENT=2028-02-29T23:57+00:00` lets a whole run begin at another moment; time goes on
from there. Processes that tests start, and the dates of files, keep the machine's time."""

import os
from datetime import datetime

import time_machine

if moment := os.environ.get("TEST_MOMENT"):
    time_machine.travel(datetime.fromisoformat(moment), tick=True).start()

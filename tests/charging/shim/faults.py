"""What goes wrong, and when: armed one by one, each used up by the requests that it meets."""

import threading
import time
from dataclasses import dataclass, field


@dataclass
class Fault:
    """Something that goes wrong at a place where requests come by."""

    at: str
    """At the ``edge`` of the provider's network, ``before`` or ``after`` a request is executed there, or the name of a
    checkpoint in the client."""
    do: str
    """``cut`` the connection, answer ``500``, ``delay`` the answer, ``hold`` it until told to go on."""
    method: str = "POST"
    path: str = "/v1/payment_intents"
    skip: int = 0
    """How many requests come by unharmed first."""
    times: int = 1
    seconds: float = 0
    kept: bool = True
    """Whether the answer 500 is kept for the key, as Stripe does."""
    released: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)

    def wait(self):
        """Keep a request waiting."""
        if self.do == "delay":
            time.sleep(self.seconds)
        elif self.do == "hold":
            self.released.wait()


class Faults:
    """The faults that are armed, and those that hold a request just now."""

    def __init__(self):
        self._lock = threading.Lock()
        self._armed = []
        self._holding = []

    def arm(self, **values):
        """Arm one more."""
        with self._lock:
            self._armed.append(Fault(**values))

    def disarm(self):
        """Let everything go well from now on, and go on."""
        with self._lock:
            self._armed.clear()
        self.release()

    def release(self):
        """Let the requests that are held go on."""
        with self._lock:
            for fault in self._holding:
                fault.released.set()
            self._holding.clear()

    def holding(self):
        """Return at which places requests are held."""
        with self._lock:
            return [fault.at for fault in self._holding]

    def meet(self, at, method="POST", path="/v1/payment_intents"):
        """Return what goes wrong here with a request, if anything does; wait first if that is what does."""
        fault = self._take(at, method, path)
        if fault:
            fault.wait()
        return fault

    def _take(self, at, method, path):
        with self._lock:
            for fault in self._armed:
                if (fault.at, fault.method, fault.path) == (at, method, path):
                    return self._use(fault)
        return None

    def _use(self, fault):
        """Count a request that meets a fault; return the fault if it is this request's turn."""
        if fault.skip:
            fault.skip -= 1
            return None
        fault.times -= 1
        if not fault.times:
            self._armed.remove(fault)
        if fault.do == "hold":
            self._holding.append(fault)
        return fault

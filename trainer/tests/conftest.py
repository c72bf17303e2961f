"""Settings of all property tests: a law holds or not, however busy the machine is that tries it."""

from hypothesis import HealthCheck, settings

settings.register_profile("stint", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("stint")

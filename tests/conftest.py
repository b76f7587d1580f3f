"""What every test shares."""

from hypothesis import settings

# No deadline: how long an example takes says something about the machine, not about the code.
settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")

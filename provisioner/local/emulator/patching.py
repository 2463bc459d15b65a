"""How moto is patched."""


def wrap(owner, name):
    """Decorates f(original, *arguments), which then takes the place of owner.name."""

    def replace(patch):
        original = getattr(owner, name)
        setattr(owner, name, lambda *arguments, **named: patch(original, *arguments, **named))

    return replace

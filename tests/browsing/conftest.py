from collections.abc import Iterator

import pytest

from tests.browsing.stage import Stage, set_stage
from tests.installation import Installation, copied_installation


@pytest.fixture(scope="session")
def stage(_template: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with (
        copied_installation(_template, tmp_path_factory.mktemp("browsing")) as installation,
        set_stage(installation) as made,
    ):
        yield made

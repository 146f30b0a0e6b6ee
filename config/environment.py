"""Every setting that comes from the environment: read once, checked together."""

import os
import re
import secrets
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from environs import Env, EnvValidationError, ValidationError

BASE_DIR = Path(__file__).resolve().parent.parent

# What each variable should be, in the words that a wrong one is answered with.
SHOULD_BE = {
    "SECRET_KEY": "a random text of at least 32 characters, the same on every host (with SQLite it is made for you)",
    "DEBUG": "true or false",
    "DATA_DIR": "a folder that Makegood may write to",
    "DATABASE_URL": "sqlite:///path/to/file or postgres://user:password@host:port/name",
    "REDIS_URL": "redis://host:port/number, or rediss:// for TLS",
    "REDIS_PREFIX": "1 to 40 small letters, digits or -, and another one for each Makegood on the same Redis",
    "HOST": "an address to listen on, such as 127.0.0.1 or 0.0.0.0",
    "PORT": "a port number from 1 to 65535",
    "BASE_URL": "the address that people use, such as https://status.example.org, without a path",
    "ALLOWED_HOSTS": "host names separated by commas, such as status.example.org,127.0.0.1",
    "EMAIL_URL": "file: for files in DATA_DIR/mail, or smtp://user:password@host:587, or smtps://user:password@host:465",
    "DEFAULT_FROM_EMAIL": "an e-mail address, such as status@example.org",
    "TRUSTED_PROXIES": "how many proxies of yours stand in front, from 0 to 10",
    "DEV_INBOX": "true only while mail goes to files (no EMAIL_URL), because it shows everybody's sign-in codes",
    "WEB_THREADS": "a number from 1 to 64",
    "WEB_PROCESSES": "a number from 1 to 64",
    "WORKERS": "a number from 1 to 64",
    "HEARTBEAT_LIMIT": "after how many seconds without work a worker is restarted, from 5 to 3600",
    "LOG_LEVEL": "DEBUG, INFO, WARNING or ERROR",
    "ACCESS_LOG": "file (DATA_DIR/log/access.log), stdout or off",
    "METRICS_FROM": "addresses or networks separated by commas, such as 127.0.0.0/8,10.1.2.3",
    "MAKEGOOD_ROLE": "web, worker or empty; the supervisor sets it",
}


class WrongEnvironment(ValueError):
    """Some variables cannot be used; the message names each with what it should be."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        count = "1 setting is" if len(problems) == 1 else f"{len(problems)} settings are"
        lines = [f"  {name}: {reason} It should be {SHOULD_BE[name]}." for name, reason in problems.items()]
        super().__init__("\n".join([f"Makegood cannot start: {count} wrong.", *lines]))


@dataclass(frozen=True)
class Mail:
    """Where mail goes: to files when there is no host."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    use_tls: bool = False
    use_ssl: bool = False


@dataclass(frozen=True)
class Environment:
    """One checked set of settings."""

    secret_key: str
    debug: bool
    data_dir: Path
    database_url: str
    redis_url: str
    redis_prefix: str
    host: str
    port: int
    base_url: str
    allowed_hosts: tuple[str, ...]
    mail: Mail
    default_from_email: str
    trusted_proxies: int
    dev_inbox: bool
    web_threads: int
    web_processes: int
    workers: int
    heartbeat_limit: int
    log_level: str
    access_log: str
    metrics_from: tuple[str, ...]
    role: str

    @property
    def is_postgres(self) -> bool:
        return self.database_url.startswith("postgres")

    @property
    def is_secure(self) -> bool:
        return self.base_url.startswith("https://")


class _Reader(Env):
    """environs, with an empty variable meaning the same as an absent one."""

    def _get_value(self, env_key: str, default: Any) -> Any:
        return os.environ.get(env_key, "").strip() or default


def read_environment() -> Environment:
    """Read and check all settings.

    In the embedded shape (SQLite) a missing SECRET_KEY is made once and kept in DATA_DIR/secret_key, mode 0600.
    Raises WrongEnvironment with every bad variable at once.
    """
    env = _Reader(eager=False)
    values = _read_values(env)
    problems = _sealed(env)
    _check_together(values, problems)
    if problems:
        raise WrongEnvironment({name: problems[name] for name in SHOULD_BE if name in problems})
    values["secret_key"] = values["secret_key"] or _kept_secret(values["data_dir"])
    return Environment(**values)


def _read_values(env: Env) -> dict[str, Any]:
    host = env.str("HOST", "127.0.0.1", validate=_matches(_is_host, "That is not an address."))
    port = env.int("PORT", 8000, validate=_between(1, 65535))
    data_dir = env.path("DATA_DIR", BASE_DIR / "var", validate=_writable)
    base_url = env.str("BASE_URL", _default_base_url(host, port), validate=_base_url)
    return {
        "secret_key": env.str("SECRET_KEY", "", validate=_matches(_is_secret, "That is too short to be safe.")),
        "debug": env.bool("DEBUG", False),
        "data_dir": (data_dir or BASE_DIR / "var").absolute(),
        "database_url": env.str("DATABASE_URL", "", validate=_database_url) or "",
        "redis_url": env.str("REDIS_URL", "", validate=_scheme({"redis", "rediss"})) or "",
        "redis_prefix": env.str("REDIS_PREFIX", "makegood", validate=_matches(_is_prefix, "That is not a prefix.")),
        "host": host,
        "port": port,
        "base_url": (base_url or "").rstrip("/"),
        "allowed_hosts": tuple(env.list("ALLOWED_HOSTS", [], validate=_hosts) or _default_hosts(base_url)),
        "mail": _mail(env.str("EMAIL_URL", "", validate=_mail_url)),
        "default_from_email": env.str(
            "DEFAULT_FROM_EMAIL", "makegood@localhost", validate=_matches(_is_email, "That is not an e-mail address.")
        ),
        "trusted_proxies": env.int("TRUSTED_PROXIES", 0, validate=_between(0, 10)),
        "dev_inbox": env.bool("DEV_INBOX", False),
        "web_threads": env.int("WEB_THREADS", 4, validate=_between(1, 64)),
        "web_processes": env.int("WEB_PROCESSES", 1, validate=_between(1, 64)),
        "workers": env.int("WORKERS", 2, validate=_between(1, 64)),
        "heartbeat_limit": env.int("HEARTBEAT_LIMIT", 120, validate=_between(5, 3600)),
        "log_level": env.str("LOG_LEVEL", "INFO", validate=_one_of(("DEBUG", "INFO", "WARNING", "ERROR"))),
        "access_log": env.str("ACCESS_LOG", "file", validate=_one_of(("file", "stdout", "off"))),
        "metrics_from": tuple(env.list("METRICS_FROM", ["127.0.0.0/8", "::1"], validate=_networks) or ()),
        "role": env.str("MAKEGOOD_ROLE", "", validate=_one_of(("", "web", "worker"))),
    }


def _sealed(env: Env) -> dict[str, str]:
    try:
        env.seal()
    except EnvValidationError as error:
        return {name: _sentence(reasons) for name, reasons in _by_name(error).items()}
    return {}


def _by_name(error: EnvValidationError) -> Mapping[str, Any]:
    return error.error_messages if isinstance(error.error_messages, Mapping) else {}


def _sentence(reasons: Any) -> str:
    """The first reason only: the hint that follows says the rest."""
    first = next(iter(reasons.values())) if isinstance(reasons, dict) else reasons[0]
    return str(first[0] if isinstance(first, list) else first)


def _check_together(values: dict[str, Any], problems: dict[str, str]) -> None:
    """Rules that need two variables."""
    mail = values["mail"]
    if values["dev_inbox"] and mail.host:
        problems.setdefault("DEV_INBOX", "Mail leaves this machine by EMAIL_URL.")
    if str(values["database_url"]).startswith("postgres") and not values["secret_key"]:
        problems.setdefault("SECRET_KEY", "It is not set.")
    try:
        _writable(values["data_dir"])  # environs does not check defaults
    except ValidationError as error:
        problems.setdefault("DATA_DIR", _sentence(error.messages))


# Checks of one value: each raises ValidationError with what is wrong about it.


def _matches(test: Callable[[str], bool], reason: str) -> Callable[[str], None]:
    def check(value: str) -> None:
        if value and not test(value):
            raise ValidationError(reason)

    return check


def _between(low: int, high: int) -> Callable[[int], None]:
    def check(value: int) -> None:
        if not low <= value <= high:
            raise ValidationError(f"{value} is out of range.")

    return check


def _is_prefix(value: str) -> bool:
    return re.fullmatch(r"[a-z0-9-]{1,40}", value) is not None


def _one_of(words: Iterable[str]) -> Callable[[str], None]:
    return _matches(frozenset(words).__contains__, "That is not one of the known words.")


def _scheme(schemes: set[str]) -> Callable[[str], None]:
    def check(value: str) -> None:
        url = _split(value)
        if value and (url.scheme not in schemes or not url.hostname):
            raise ValidationError(f"“{url.scheme}:” with host “{url.hostname or ''}” cannot be used.")

    return check


def _database_url(value: str) -> None:
    url = _split(value)
    if url.scheme == "sqlite":
        usable = len(url.path) > 1
    else:
        usable = url.scheme in {"postgres", "postgresql"} and len(url.path) > 1
    if not usable:
        raise ValidationError(f"“{url.scheme}:” is not a database that Makegood knows, or its name is missing.")


def _base_url(value: str) -> None:
    url = _split(value)
    if url.scheme not in {"http", "https"} or not url.hostname or url.path.strip("/") or url.query:
        raise ValidationError("That is not an address of a site.")


def _mail_url(value: str) -> None:
    if value and value not in {"file:", "file://"}:
        _scheme({"smtp", "smtps"})(value)


def _hosts(value: list[str]) -> None:
    if not all(_is_host(name.strip().lstrip(".")) for name in value):
        raise ValidationError("One of them is not a host name.")


def _networks(value: list[str]) -> None:
    for network in value:
        try:
            ip_network(network.strip())
        except ValueError as error:
            raise ValidationError(f"“{network}” is not a network.") from error


def _writable(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValidationError(f"It cannot be made: {error.strerror}.") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise ValidationError("It cannot be written to.")


def _split(value: str) -> SplitResult:
    """`urlsplit` with its errors told as ours; a port that is no number is one of them."""
    try:
        url = urlsplit(value)
        _ = url.port
    except ValueError as error:
        raise ValidationError("That is not an address.") from error
    return url


def _is_host(value: str) -> bool:
    return bool(value) and not any(char.isspace() or char in "/@?#" for char in value)


def _is_email(value: str) -> bool:
    name, _, host = value.rpartition("@")
    return bool(name) and _is_host(host.rstrip(">"))


def _is_secret(value: str) -> bool:
    return len(value) >= 32  # noqa: PLR2004 - the length that SHOULD_BE names


# Values made from others.


def _default_base_url(host: str | None, port: int | None) -> str:
    hostname = "127.0.0.1" if host in {None, "0.0.0.0", "::"} else str(host)  # noqa: S104 - compared, not bound
    return f"http://[{hostname}]:{port}" if ":" in hostname else f"http://{hostname}:{port}"


def _default_hosts(base_url: str | None) -> tuple[str, ...]:
    hostname = urlsplit(base_url or "").hostname
    return tuple(dict.fromkeys(name for name in (hostname, "localhost", "127.0.0.1", "[::1]") if name))


def _mail(value: str | None) -> Mail:
    """Port 587 upgrades by STARTTLS, `smtps` is TLS from the first byte; anything else is a relay on a trusted net."""
    url = urlsplit(value or "")
    if not url.hostname:
        return Mail()
    is_tls = url.scheme == "smtps"
    port = url.port or (465 if is_tls else 587)
    return Mail(
        host=url.hostname,
        port=port,
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        use_tls=not is_tls and port == 587,  # noqa: PLR2004
        use_ssl=is_tls,
    )


def _kept_secret(data_dir: Path) -> str:
    """The secret of this folder, made on the first call; two first starts at once agree on one."""
    path = data_dir / "secret_key"
    if not path.exists():
        draft = data_dir / f".secret_key.{os.getpid()}.{secrets.token_hex(4)}"
        draft.touch(mode=stat.S_IRUSR | stat.S_IWUSR)
        draft.write_text(secrets.token_urlsafe(50), encoding="ascii")
        try:
            os.link(draft, path)  # unlike a rename, a link never replaces the one that was first
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()

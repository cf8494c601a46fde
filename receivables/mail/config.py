"""config/mail.yaml: who sends, who receives what, and the server, if there is one."""

from __future__ import annotations

import os
import re
from email.utils import parseaddr
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from receivables.yaml_text import read_yaml

# Plain ASCII addresses only: nothing that a header or an SMTP command could misread.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@([A-Za-z0-9-]+\.)+[A-Za-z0-9-]{2,}")
_AUDIENCE = re.compile(r"[a-z][a-z0-9_]*")

MANAGER = "manager_"  # what the audience of one manager begins with


class MailConfigError(ValueError):
    """The mail file cannot be used; the message names the field and the reason."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Smtp(_Section):
    """A mail server. The password is read from the environment, never from the file."""

    host: str = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = "starttls"
    user: str | None = None
    password_env: str | None = None
    timeout_seconds: float = Field(default=30, gt=0)
    attempts: int = Field(default=3, ge=1)
    wait_seconds: float = Field(default=5, ge=0)

    @model_validator(mode="after")
    def _password_is_named(self) -> Smtp:
        if (self.user is None) != (self.password_env is None):
            raise ValueError("user and password_env come together")
        return self

    def password(self) -> str:
        """The password from the environment.

        Raises:
            MailConfigError: the variable is not set.
        """
        value = os.environ.get(self.password_env or "")
        if value is None:
            raise MailConfigError(f"smtp.password_env: the variable {self.password_env} is not set")
        return value


class Audience(_Section):
    """People who get one mail per day, what it tells, and the packs attached to it.

    A `summary` leaves out what is to be done today order by order.
    """

    to: list[str] = Field(min_length=1)
    tells: Literal["everything", "summary"] = "everything"
    packs: list[str] = Field(default_factory=lambda: ["aging", "credit_tier", "exceptions"])

    @field_validator("to")
    @classmethod
    def _are_addresses(cls, to: list[str]) -> list[str]:
        for address in to:
            if not _ADDRESS.fullmatch(address):
                raise ValueError(f"{address!r} is not a mail address")
        if len({address.lower() for address in to}) < len(to):
            raise ValueError("an address is listed twice")
        return to


class MailConfig(_Section):
    """The whole mail file.

    With `managers`, each person who is responsible for accounts gets a mail about their own, at the
    address that the customer master names, if its domain is allowed.
    """

    sender: str
    allowed_domains: list[str] = Field(min_length=1)
    audiences: dict[str, Audience]
    managers: bool = False
    max_attachment_mb: int = Field(default=10, ge=0)
    smtp: Smtp | None = None

    @field_validator("sender")
    @classmethod
    def _is_an_address(cls, sender: str) -> str:
        if "\n" in sender or "\r" in sender or not _ADDRESS.fullmatch(parseaddr(sender)[1]):
            raise ValueError(f"{sender!r} is not a mail address")
        return sender

    @model_validator(mode="after")
    def _recipients_are_allowed(self) -> MailConfig:
        for name, audience in self.audiences.items():
            if not _AUDIENCE.fullmatch(name):
                raise ValueError(f"audience {name!r}: lowercase letters, digits and _ only")
            if name.startswith(MANAGER):
                raise ValueError(f"audience {name!r}: names in {MANAGER} are the managers' own")
            for address in audience.to:
                if refused := self.refuses(address):
                    raise ValueError(f"audience {name!r}: {refused}")
        return self

    @property
    def sender_address(self) -> str:
        """The bare address of the sender."""
        return parseaddr(self.sender)[1]

    def allows(self, address: str) -> bool:
        """Whether mail may go to this address: its domain is listed, sub-domains are not."""
        domain = address.rpartition("@")[2].lower()
        return domain in {allowed.lower() for allowed in self.allowed_domains}

    def refuses(self, address: str) -> str:
        """Why no mail goes to an address; empty where it may."""
        if not _ADDRESS.fullmatch(address):
            return f"{address!r} is not a mail address"
        if not self.allows(address):
            return f"{address} is outside the allowed domains ({', '.join(self.allowed_domains)})"
        return ""

    @classmethod
    def read(cls, path: Path) -> MailConfig:
        """Read and validate a mail file.

        Raises:
            MailConfigError: the file is missing, no YAML, or a value is refused.
        """
        try:
            return cls.model_validate(read_yaml(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise MailConfigError(f"{path}: there is no such mail file") from None
        except yaml.YAMLError as error:
            raise MailConfigError(f"{path}: not valid YAML: {error}") from None
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or "the file"
            raise MailConfigError(f"{path}: {field}: {first['msg']}") from None

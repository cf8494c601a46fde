"""One world: what happened, and the files that tell of it."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.world.billing import Billing
from benchmarks.world.catalogue import Product, make_products
from benchmarks.world.deciding import decide
from benchmarks.world.goods import Goods
from benchmarks.world.inbox import Inbox, SentFile
from benchmarks.world.master import send_master_data
from benchmarks.world.model import Story
from benchmarks.world.parties import Parties, make_parties
from benchmarks.world.paying import Paying
from benchmarks.world.settings import WorldSettings
from benchmarks.world.settling import Settling


@dataclass(frozen=True)
class World:
    """A finished world."""

    settings: WorldSettings
    parties: Parties
    products: list[Product]
    story: Story
    files: list[SentFile]


def build_world(settings: WorldSettings) -> World:
    """Let a world happen; equal settings give equal files, byte by byte."""
    parties = make_parties(settings.seed)
    products = make_products(settings.seed)
    story = Story(settings.last_day)
    send_master_data(story, settings, parties, products)
    Goods(settings, parties, products, story).run()
    Billing(settings, parties, story).run()
    Settling(settings, parties, story).run()
    Paying(settings, parties, story).run()
    decide(story)
    files = Inbox(story, parties, products).build()
    return World(settings, parties, products, story, files)

"""The people of the demo: two hundred customers, five of them with a name that the guide uses."""

import random
from dataclasses import dataclass

from incidents.actor import Actor
from incidents.models import Customer, Holding, Membership, User

DOMAIN = "northwind.example"
FIRST = [
    "Amara",
    "Anton",
    "Asha",
    "Bela",
    "Bruno",
    "Carla",
    "Chidi",
    "Clara",
    "Dilan",
    "Edith",
    "Elena",
    "Emre",
    "Farah",
    "Femi",
    "Finn",
    "Freya",
    "Gita",
    "Grace",
    "Hana",
    "Hugo",
    "Ilse",
    "Imran",
    "Ines",
    "Jonas",
    "Jude",
    "Kaya",
    "Kofi",
    "Lara",
    "Leon",
    "Lina",
    "Maeve",
    "Malik",
    "Mara",
    "Mina",
    "Nadia",
    "Nils",
    "Noor",
    "Olga",
    "Omar",
    "Paula",
    "Pavel",
    "Priya",
    "Rahel",
    "Rosa",
    "Samir",
    "Sofia",
    "Tariq",
    "Tess",
    "Umar",
    "Vera",
    "Wanda",
    "Yara",
    "Yusuf",
    "Zoe",
]
LAST = [
    "Abara",
    "Adeyemi",
    "Baker",
    "Bianchi",
    "Cole",
    "Dahl",
    "Demir",
    "Evans",
    "Fischer",
    "Garcia",
    "Haddad",
    "Hughes",
    "Ivanov",
    "Jansen",
    "Kaur",
    "Keller",
    "Khan",
    "Larsen",
    "Lowe",
    "Martin",
    "Moreau",
    "Nowak",
    "Okafor",
    "Osei",
    "Patel",
    "Pereira",
    "Quinn",
    "Rossi",
    "Santos",
    "Schmidt",
    "Shah",
    "Silva",
    "Sorensen",
    "Thomas",
    "Turner",
    "Varga",
    "Visser",
    "Walker",
    "Weiss",
    "Young",
]


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part: staff as actors, the named customers, and everybody else."""

    dara: Actor
    eli: Actor
    ana: Customer
    ben: Customer
    cleo: Customer
    passengers: list[Customer]


def invite(seed: random.Random) -> Cast:
    """Make the staff, Ana, Ben and Cleo with their sign-ins, and 197 more customers, three of them unreachable."""
    dara, eli = _staff("Dara", "Communicator"), _staff("Eli", "Manager")
    ana, ben, cleo = _make_customer("Ana", "Marsh"), _make_customer("Ben", "Okoro"), _make_customer("Cleo", "Lind")
    passengers = Customer.objects.bulk_create(_strangers(seed, 197))
    return Cast(Actor.staff(dara), Actor.staff(eli), ana, ben, cleo, passengers)


def _staff(name: str, surname: str) -> User:
    return User.objects.create_user(f"{name.lower()}@{DOMAIN}", first_name=name, last_name=surname, is_staff=True)


def _make_customer(name: str, surname: str) -> Customer:
    email = f"{name.lower()}@{DOMAIN}"
    user = User.objects.create_user(email, first_name=name, last_name=surname, time_zone="Europe/London")
    customer = Customer.objects.create(
        ref=f"NWC-{name.upper()}", name=f"{name} {surname}", email=email, time_zone="Europe/London", language="en"
    )
    Membership.objects.create(user=user, customer=customer, role=Membership.Role.OWNER)
    return customer


def _strangers(seed: random.Random, number: int) -> list[Customer]:
    names = seed.sample([f"{first} {last}" for first in FIRST for last in LAST], number)
    return [
        Customer(
            ref=f"NWC-{1001 + index}",
            name=name,
            # Three bookings came through a desk that took no address: the desk has to find them.
            email="" if index in (7, 41, 88) else f"{name.lower().replace(' ', '.')}@customers.example",
            time_zone=seed.choice(["Europe/London", "Europe/London", "Europe/London", "Europe/Amsterdam"]),
            language="en",
        )
        for index, name in enumerate(names)
    ]


def book(customer: Customer, ref: str, **fields: object) -> Holding:
    """One booking, not yet stored."""
    return Holding(ref=ref, customer=customer, kind=Holding.Kind.BOOKING, **fields)

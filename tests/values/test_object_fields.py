"""Objects of other libraries as fields: attributes that their classes hide are left out, and no database is queried."""

from __future__ import annotations

import collections
import dataclasses
import email.message
import json

import pytest
from logly import logger

SECRET = "hunter2"


@pytest.fixture
def everywhere(json_file, text):
    """Return a function that logs a value, checks that no output contains the secret, and returns the JSON."""

    def log(value):
        called = []
        logger.add_callback(called.append, name="called")
        logger.info("{value!s}", value=value, nested=[value])
        assert logger.complete(timeout=30)
        fields = json_file.fields()
        assert SECRET not in text.getvalue()
        assert SECRET not in json.dumps(fields) + json.dumps(called)
        assert called[-1]["value"] == fields["value"] == fields["nested"][0]
        return fields["value"]

    return log


@dataclasses.dataclass
class User:
    name: str
    password: str = dataclasses.field(default=SECRET, repr=False)


@dataclasses.dataclass
class Account:
    user: User
    users: list


def test_dataclass_leaves_out_what_its_repr_does(everywhere):
    assert everywhere(User("ada")) == {"name": "ada"}


def test_dataclass_within_others_leaves_it_out_too(everywhere):
    assert everywhere(Account(User("ada"), [User("bob")])) == {"user": {"name": "ada"}, "users": [{"name": "bob"}]}


def test_field_that_cannot_be_read_is_a_marker(json_file):
    @dataclasses.dataclass
    class Odd:
        name: str
        size: int = 0

    def size(_self):
        raise ValueError

    odd = Odd("x")
    Odd.size = property(size)

    logger.info("m", value=odd)

    assert json_file.fields()["value"] == {"name": "x", "size": "<unprintable Odd: ValueError>"}


def test_attrs_class_leaves_out_what_its_repr_does(everywhere, text):
    attrs = pytest.importorskip("attrs")

    @attrs.define
    class Login:
        name: str
        password: str = attrs.field(repr=False)
        card: str = attrs.field(repr=lambda card: "*" * len(card))
        inner: object = None

    value = Login("ada", SECRET, SECRET, Login("bob", SECRET, SECRET))

    inner = {"name": "bob", "card": "*******", "inner": None}
    assert everywhere(value) == {"name": "ada", "card": "*******", "inner": inner}
    assert text.lines[0].startswith(str(value))


def test_mapped_attrs_class_is_not_loaded(json_file):
    attrs = pytest.importorskip("attrs")
    sqlalchemy = pytest.importorskip("sqlalchemy")
    orm = pytest.importorskip("sqlalchemy.orm")

    @attrs.define(slots=False)
    class Owner:
        id: int
        name: str

    registry = orm.registry()
    columns = [
        sqlalchemy.Column("id", sqlalchemy.Integer, primary_key=True),
        sqlalchemy.Column("name", sqlalchemy.String),
    ]
    registry.map_imperatively(Owner, sqlalchemy.Table("owners", registry.metadata, *columns))
    engine = sqlalchemy.create_engine("sqlite://")
    registry.metadata.create_all(engine)
    statements = []
    with orm.Session(engine) as session:
        session.add(Owner(1, "ada"))
        session.commit()
        owner = session.query(Owner).one()
        session.expire(owner, ["name"])
        sqlalchemy.event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))

        logger.info("m", value=owner)

    engine.dispose()
    assert statements == []
    assert json_file.fields()["value"] == {"id": 1, "name": "<not loaded>"}


def test_msgspec_struct_is_an_object(json_file):
    msgspec = pytest.importorskip("msgspec")
    point = msgspec.defstruct(
        "Point", [("x", int), ("long_name", int, 2), ("gone", object, msgspec.UNSET)], rename="camel"
    )

    logger.info("m", value=point(1), nested={"a": [point(3)]})

    assert json_file.fields() == {"value": {"x": 1, "longName": 2}, "nested": {"a": [{"x": 3, "longName": 2}]}}


def test_pydantic_model_is_what_it_dumps(everywhere):
    pydantic = pytest.importorskip("pydantic")

    class Inner(pydantic.BaseModel):
        name: str
        password: str = pydantic.Field(default=SECRET, repr=False)

    class Model(pydantic.BaseModel):
        name: str
        inner: Inner
        inners: list[Inner]
        table: dict[str, Inner]
        hidden: str = pydantic.Field(default="hidden", exclude=True)
        secret: pydantic.SecretStr = pydantic.SecretStr(SECRET)
        card: str = "1234"

        @pydantic.field_serializer("card")
        def _mask(self, card: str) -> str:
            return "*" * len(card)

        def __str__(self):
            return "a model"

    Model.model_rebuild(_types_namespace={"Inner": Inner, "pydantic": pydantic})
    inner = Inner(name="a")

    value = everywhere(Model(name="ada", inner=inner, inners=[inner, inner], table={"x": inner}))

    assert value == {
        "name": "ada", "inner": {"name": "a"}, "inners": [{"name": "a"}] * 2, "table": {"x": {"name": "a"}},
        "secret": "**********", "card": "****",
    }  # fmt: skip


def test_pydantic_model_whose_dump_fails_is_a_marker(json_file):
    pydantic = pytest.importorskip("pydantic")

    class Model(pydantic.BaseModel):
        name: str

        @pydantic.field_serializer("name")
        def _fail(self, _name: str) -> str:
            raise ValueError

    logger.info("m", value=Model(name="ada"), n=1)

    assert json_file.fields() == {"value": "<unprintable Model: PydanticSerializationError>", "n": 1}


def test_pydantic_model_of_version_1_is_what_it_dumps(everywhere):
    pydantic = pytest.importorskip("pydantic.v1")

    class Model(pydantic.BaseModel):
        name: str
        password: str = pydantic.Field(default=SECRET, repr=False)

    assert everywhere(Model(name="ada")) == {"name": "ada"}


def test_pydantic_root_model_is_its_text(json_file):
    pydantic = pytest.importorskip("pydantic")
    value = pydantic.RootModel[list[int]]([1, 2])

    logger.info("m", value=value)

    assert json_file.fields()["value"] == str(value)


@pytest.fixture
def database():
    """Give mapped classes, a session, and the statements that it executed."""
    sqlalchemy = pytest.importorskip("sqlalchemy")
    orm = pytest.importorskip("sqlalchemy.orm")

    class Base(orm.MappedAsDataclass, orm.DeclarativeBase):
        pass

    namespace = {
        "__tablename__": "owners",
        "__annotations__": {
            "id": orm.Mapped[int], "name": orm.Mapped[str], "password": orm.Mapped[str],
            "pets": orm.Mapped[list["Pet"]],  # noqa: F821 - made below
        },
        "id": orm.mapped_column(primary_key=True, init=False),
        "name": orm.mapped_column(),
        "password": orm.mapped_column(repr=False),
        "pets": orm.relationship(default_factory=list),
    }  # fmt: skip
    owner = type("Owner", (Base,), namespace)
    namespace = {
        "__tablename__": "pets",
        "__annotations__": {"id": orm.Mapped[int], "owner": orm.Mapped[int]},
        "id": orm.mapped_column(primary_key=True, init=False),
        "owner": orm.mapped_column(sqlalchemy.ForeignKey("owners.id"), default=None),
    }
    pet = type("Pet", (Base,), namespace)
    engine = sqlalchemy.create_engine("sqlite://")
    Base.metadata.create_all(engine)
    statements = []
    sqlalchemy.event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    with orm.Session(engine) as session:
        session.add(owner(name="ada", password=SECRET, pets=[pet()]))
        session.commit()
        yield owner, session, statements
    engine.dispose()


def test_mapped_dataclass_asks_no_database(database, everywhere, text):
    owner, session, statements = database
    row = session.query(owner).one()
    statements.clear()

    value = everywhere(row)

    assert statements == []
    assert value == {"id": 1, "name": "ada", "pets": "<not loaded>"}
    assert text.lines[0].startswith("Owner(id=1, name='ada', pets=<not loaded>)")


def test_detached_object_loses_what_is_not_loaded_alone(database, everywhere):
    owner, session, _ = database
    row = session.query(owner).one()
    session.expire(row, ["name"])
    session.expunge(row)

    assert everywhere(row) == {"id": 1, "name": "<not loaded>", "pets": "<not loaded>"}


def test_loaded_relation_is_an_array(database, everywhere):
    owner, session, _ = database
    row = session.query(owner).one()
    assert len(row.pets) == 1

    assert everywhere(row)["pets"] == [{"id": 1, "owner": 1}]


def wsgi_headers():
    from wsgiref.headers import Headers

    return Headers([("a", "1"), ("b", "2"), ("a", "3")])


def message():
    made = email.message.Message()
    made["a"], made["b"] = "1", "2"
    made["a"] = "3"
    return made


def query_dict():
    conf = pytest.importorskip("django.conf")
    if not conf.settings.configured:
        conf.settings.configure()
    from django.http import QueryDict

    return QueryDict("a=1&b=2&a=3")


PAIRS = [("a", "1"), ("b", "2"), ("a", "3")]
MULTI = {
    "multidict": lambda: pytest.importorskip("multidict").MultiDict(PAIRS),
    "multidict proxy": lambda: pytest.importorskip("multidict").MultiDictProxy(
        pytest.importorskip("multidict").MultiDict(PAIRS)
    ),
    "multidict any case": lambda: pytest.importorskip("multidict").CIMultiDict(PAIRS),
    "werkzeug": lambda: pytest.importorskip("werkzeug.datastructures").MultiDict(PAIRS),
    "werkzeug immutable": lambda: pytest.importorskip("werkzeug.datastructures").ImmutableMultiDict(PAIRS),
    "starlette query": lambda: pytest.importorskip("starlette.datastructures").QueryParams(PAIRS),
    "starlette headers": lambda: pytest.importorskip("starlette.datastructures").Headers(
        raw=[(key.encode(), value.encode()) for key, value in PAIRS]
    ),
    "django": query_dict,
    "message": message,
    "wsgiref": wsgi_headers,
}


@pytest.mark.parametrize("maker", MULTI.values(), ids=MULTI)
def test_mapping_of_several_values_keeps_them_all(json_file, maker):
    logger.info("m", value=maker(), nested=[maker()])

    assert json_file.fields() == {"value": {"a": ["1", "3"], "b": "2"}, "nested": [{"a": ["1", "3"], "b": "2"}]}


def test_werkzeug_headers_keep_all_values(json_file):
    headers = pytest.importorskip("werkzeug.datastructures").Headers(PAIRS)

    logger.info("m", value=headers)

    assert json_file.fields()["value"] == {"a": ["1", "3"], "b": "2"}


def test_message_with_a_body_is_its_text(json_file):
    made = message()
    made.set_payload("body")

    logger.info("m", value=made)

    assert json_file.fields()["value"] == str(made)


def test_mapping_of_single_values_is_an_ordinary_object(json_file):
    logger.info("m", value=collections.ChainMap({"a": 1}, {"b": 2}))

    assert json_file.fields()["value"] == {"a": 1, "b": 2}


@pytest.mark.parametrize("error", [TimeoutError(), AssertionError(), NotImplementedError(), ValueError("")])
def test_exception_that_says_nothing_is_its_repr(text, json_file, error):
    called = []
    logger.add_callback(called.append)

    logger.error("{} {error} %", error, error=error, nested=[error])
    logger.error(error)

    assert logger.complete(timeout=30)
    assert text.lines[0].startswith(f"{error!r} {error!r} %")
    assert text.lines[1] == repr(error)
    assert json_file.read()[0]["fields"] == {"error": repr(error), "nested": [repr(error)]}
    assert (called[0]["error"], called[1]["message"]) == (repr(error), repr(error))


def test_exception_that_says_something_is_its_text(text, json_file):
    logger.error("{error}", error=ValueError("why"))

    assert (text.lines, json_file.fields()) == (["why"], {"error": "why"})


def test_empty_text_of_another_object_stays_empty(json_file):
    logger.info("m", value=type("Quiet", (), {"__str__": lambda self: ""})())

    assert json_file.fields() == {"value": ""}

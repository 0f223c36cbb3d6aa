import re
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from langchain_core.messages import AIMessageChunk
from langchain_core.prompts import ChatPromptTemplate
from langchain_openai import ChatOpenAI

pytestmark = pytest.mark.server
QUESTION = "金沢市DXアクションプラン2.0の計画期間は?"
ASKED: Any = [{"role": "user", "content": QUESTION}]
ANSWER = "令和8(2026)年度から令和11(2029)年度まで"
SOURCE = re.compile(
    r"\[1\] \[金沢市DXアクションプラン2\.0「1\.3\. プランの期間」\]"
    r"\(<http://[\d.:]+/api/documents/dx-action-plan-2\.0/file\?version=[0-9a-f]{16}>\)（現行）"
)


@pytest.fixture(scope="module")
def url(server: str) -> str:
    return f"{server}/v1"


@pytest.fixture
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=url, api_key="none", max_retries=0) as client:
        yield client


@pytest.fixture(scope="module")
def chat(url: str) -> ChatOpenAI:
    return ChatOpenAI(base_url=url, api_key="none", model="shirube", temperature=0.2, max_retries=0)


def test_the_client_reads_the_citations_whatever_options_it_sends(client: openai.OpenAI) -> None:
    tool: Any = {"type": "function", "function": {"name": "search", "parameters": {"type": "object"}}}
    left_alone: Any = {"temperature": 0, "max_tokens": 5, "seed": 1, "stop": "。", "tool_choice": "auto"}
    done = client.chat.completions.create(model="shirube", messages=ASKED, tools=[tool], **left_alone)
    assert done.choices[0].message.tool_calls is None
    content = done.choices[0].message.content or ""
    assert ANSWER in content
    assert SOURCE.search(content)
    assert done.model_extra
    assert done.model_extra["status"] == "answered"
    assert done.model_extra["citations"][0]["doc_id"] == "dx-action-plan-2.0"
    assert done.usage


def test_style_and_day_of_this_service_can_be_given(client: openai.OpenAI) -> None:
    question: Any = [{"role": "user", "content": "DXアクションプランの計画期間は?"}]
    done = client.chat.completions.create(model="shirube", messages=question, extra_body={"as_of": "2024-04-01"})
    assert done.model_extra
    assert {one["doc_id"] for one in done.model_extra["citations"]} == {"dx-kaigi-r4-4"}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"n": 2}, "n: 1 のどれか"),
        ({"response_format": {"type": "json_object"}}, "response_format.type: text のどれか"),
        ({"tool_choice": "required"}, "tool_choice: none、auto のどれか"),
        ({"extra_body": {"as_of": "明日"}}, "as_of: 実在する日付"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:"}}]}]}, "画像"),
    ],
)
def test_an_unsupported_request_is_refused(client: openai.OpenAI, more: dict[str, Any], told: str) -> None:
    with pytest.raises(openai.UnprocessableEntityError, match=told) as refused:
        client.chat.completions.create(**{"model": "shirube", "messages": ASKED, **more})
    assert refused.value.type == "invalid_request_error"
    assert refused.value.param == (told.split(":", maxsplit=1)[0] if ":" in told else None)
    assert refused.value.request_id


def test_langchain_asks(chat: ChatOpenAI) -> None:
    chain = ChatPromptTemplate.from_messages([("system", "短く答えて"), ("user", "{question}")]) | chat
    answered = chain.invoke({"question": QUESTION})
    assert ANSWER in answered.text
    assert SOURCE.search(answered.text)
    assert answered.response_metadata["finish_reason"] == "stop"
    assert [ANSWER in one.text for one in chat.batch([QUESTION, QUESTION])] == [True, True]


def test_langchain_streams(chat: ChatOpenAI) -> None:
    chunks = list(chat.stream(QUESTION, stream_usage=True))
    assert len(chunks) > 2
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    assert isinstance(whole, AIMessageChunk)
    assert whole.text == chat.invoke(QUESTION).text
    assert whole.usage_metadata

from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone


def page(source: str, **context: Any) -> BeautifulSoup:
    html = Template("{% load i18n mulin_web %}" + source).render(Context(context))
    return BeautifulSoup(html, "html.parser")


class AskingForm(forms.Form):
    text = forms.CharField(label="发生了什么", help_text="写清楚地点")
    kind = forms.ChoiceField(label="类别", choices=[("a", "甲"), ("b", "乙")], required=False)
    answer = forms.ChoiceField(label="答复", choices=[("phone", "电话")], widget=forms.RadioSelect)
    agree = forms.BooleanField(label="同意", required=False)


def test_an_icon_beside_a_word_is_silent_and_alone_it_is_named() -> None:
    beside, alone = page('{% icon "map" %}').svg, page('{% icon "x" label="关闭" %}').svg
    assert beside is not None
    assert alone is not None
    assert beside["aria-hidden"] == "true"
    assert (alone["role"], alone["aria-label"]) == ("img", "关闭")


def test_what_people_write_is_escaped() -> None:
    evil = "<script>alert(1)</script>"
    tags = [
        "status_badge t",
        "empty_state t t",
        "timeline_item t text=t who=t",
        "figure_card t t note=t",
        "page_header title=t %}{% endpageheader",
    ]
    for tag in tags:
        assert page("{% " + tag + " %}", t=evil).find("script") is None, tag
    assert page("{% definition label=t %}{{ t }}{% enddefinition %}", t=evil).find("script") is None
    assert page('{% modal "m" title=t %}{{ t }}{% endmodal %}', t=evil).find("script") is None


@pytest.mark.parametrize(("minutes", "tone"), [(60 * 24, "pill-good"), (30, "pill-warn"), (-30, "pill-bad")])
def test_the_time_left_is_coloured_by_urgency(minutes: int, tone: str) -> None:
    now = timezone.now()
    badge = page("{% time_left_badge due now %}", due=now + timedelta(minutes=minutes), now=now).time
    assert badge is not None
    assert tone in badge["class"]


def test_a_paused_clock_is_not_urgent() -> None:
    badge = page("{% time_left_badge due paused=True %}", due=timezone.now() - timedelta(days=9)).span
    assert badge is not None
    assert "pill-neutral" in badge["class"]
    assert "暂停" in badge.text


def test_a_field_ties_label_help_and_error_to_its_control() -> None:
    form = AskingForm(data={"kind": "a"})
    field = page("{% form_field form.text %}", form=form)
    control = field.find(id="id_text")
    assert control is not None
    assert field.find("label", attrs={"for": "id_text"}) is not None
    assert control["aria-invalid"] == "true"
    described = str(control["aria-describedby"]).split()
    assert described
    assert all(field.find(id=name) is not None for name in described)
    assert "is-invalid" in control["class"]


def test_a_group_of_choices_is_a_fieldset_with_a_legend() -> None:
    field = page("{% form_field form.answer %}", form=AskingForm())
    assert field.fieldset is not None
    assert field.fieldset.legend is not None
    assert "答复" in field.fieldset.legend.text
    assert len(field.find_all("input", type="radio")) == 1


def test_an_optional_field_says_so() -> None:
    form = AskingForm()
    assert "选填" in page("{% form_field form.kind %}", form=form).text
    assert "选填" not in page("{% form_field form.text %}", form=form).text


def test_each_form_gets_its_own_idempotency_key() -> None:
    keys = [tag["value"] for tag in page("{% idempotency_key %}{% idempotency_key %}").find_all("input")]
    assert len(set(keys)) == 2


def test_a_confirm_button_posts_and_asks() -> None:
    form = page('{% confirm_button label="退单" url="/x" sentence="退回？" %}', csrf_token="abc").form
    assert form is not None
    assert (form["method"], form["action"], form["data-confirm"]) == ("post", "/x", "退回？")
    assert {tag["name"] for tag in form.find_all("input")} == {"csrfmiddlewaretoken", "idempotency_key"}


def test_paging_keeps_the_filters_of_the_address() -> None:
    request = RequestFactory().get("/", {"kind": "lift", "after": "7"})
    first, following = (link["href"] for link in page('{% next_page "9" %}', request=request).find_all("a"))
    assert (first, following) == ("?kind=lift", "?kind=lift&after=9")
    assert page("{% next_page None %}", request=RequestFactory().get("/")).find("a") is None


def test_a_chart_is_also_a_table() -> None:
    config = {"kind": "bar", "categories": ["甲", "乙"], "series": [{"name": "响应率", "data": [1, 2]}]}
    chart = page('{% chart "c" config label="图" %}', config=config)
    cells = [[cell.text for cell in row.find_all(["th", "td"])] for row in chart.find_all("tr")]
    assert cells == [["", "响应率"], ["甲", "1"], ["乙", "2"]]


def test_data_for_scripts_cannot_end_the_script() -> None:
    config = {"layers": [], "legend": [{"tone": "good", "label": "</script><script>alert(1)"}]}
    html = page('{% map_view "m" config %}', config=config)
    assert [tag["type"] for tag in html.find_all("script")] == ["application/json"]


def test_choices_are_radio_buttons_with_one_chosen() -> None:
    buttons = page(
        '{% choice_buttons name="solved" legend="解决了吗" choices=choices selected="no" %}',
        choices=[("yes", "解决了"), ("no", "没解决")],
    )
    assert [tag["value"] for tag in buttons.find_all("input", checked=True)] == ["no"]
    assert all(tag.has_attr("required") for tag in buttons.find_all("input"))

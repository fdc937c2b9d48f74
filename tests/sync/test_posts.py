"""What is said to the broker and is no event."""

from edge.sync.posts import MOST_ANSWERS, Post, Posts


def said(posts: Posts) -> list[Post]:
    found = []
    while (post := posts.take()) is not None:
        found.append(post)
    return found


def test_of_a_topic_only_the_latest_word_is_said() -> None:
    posts = Posts()
    posts.retain("up/release", b"1")
    posts.retain("up/release", b"2")

    assert said(posts) == [Post("up/release", b"2", is_retained=True)]
    assert said(posts) == []


def test_each_connection_hears_every_latest_word_again() -> None:
    posts = Posts()
    posts.retain("a", b"1")
    posts.retain("b", b"2")
    said(posts)
    posts.say_all_again()

    assert [(post.topic, post.payload) for post in said(posts)] == [("a", b"1"), ("b", b"2")]


def test_answers_go_first_and_once() -> None:
    posts = Posts()
    posts.retain("a", b"1")
    posts.answer("up/res/x", b"done", b"c7")
    first = posts.take()
    posts.say_all_again()

    assert first == Post("up/res/x", b"done", correlation=b"c7")
    assert [post.topic for post in said(posts)] == ["a"]


def test_days_offline_do_not_pile_answers_up() -> None:
    posts = Posts()
    for number in range(MOST_ANSWERS + 5):
        posts.answer(f"up/res/{number}", b"")

    assert [post.topic for post in said(posts)][:1] == ["up/res/5"]


def test_whoever_says_something_is_heard_of() -> None:
    news: list[str] = []
    posts = Posts(lambda: news.append("!"))
    posts.retain("a", b"1")
    posts.answer("b", b"2")

    assert news == ["!", "!"]

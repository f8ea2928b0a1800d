// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/actor.h"

#include "tests/support/testserver.h"

namespace tidemark::test {

namespace {

constexpr Millis patience{120'000};

} // namespace

Actor::Actor(pg::Session session)
    : m_session(std::move(session))
{
}

Actor::~Actor()
{
    cancel();
}

void Actor::run(const QByteArray &sql)
{
    pg::CallOptions call;
    call.deadline = patience;
    const auto done = m_session.execScript(sql, call);
    const QByteArray wrong = done ? QByteArray() : describe(done.error());
    QVERIFY2(done.has_value(), wrong.constData());
}

void Actor::start(const QByteArray &sql)
{
    m_stop = std::stop_source();
    m_started = std::async(std::launch::async, [this, sql, stop = m_stop.get_token()]() -> Status {
        pg::CallOptions call;
        call.deadline = patience;
        call.stop = stop;
        TIDEMARK_TRY([[maybe_unused]] const auto rows, m_session.execScript(sql, call));
        return {};
    });
}

Status Actor::finish()
{
    return m_started.get();
}

bool Actor::isWaiting() const
{
    return m_started.valid() && m_started.wait_for(std::chrono::seconds(0)) != std::future_status::ready;
}

void Actor::cancel()
{
    if (!m_started.valid())
        return;
    m_stop.request_stop();
    static_cast<void>(m_started.get());
}

} // namespace tidemark::test

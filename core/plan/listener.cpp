// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/listener.h"

#include "core/base/pause.h"

namespace tidemark {

namespace {

constexpr Millis listenInterval{250};
constexpr std::chrono::seconds governInterval{1};

Asked askedBy(const QString &verb)
{
    if (verb == QLatin1String("pause"))
        return Asked::Pause;
    if (verb == QLatin1String("undo"))
        return Asked::Undo;
    if (verb == QLatin1String("cancel"))
        return Asked::Cancel;
    return Asked::Nothing;
}

} // namespace

Listener::Listener(pg::Session control, const Journal &journal, RunControl &runControl, std::set<qint64> &heard,
                   std::function<void(const RunEvent &)> tell)
    : m_session(std::move(control))
    , m_journal(journal)
    , m_control(runControl)
    , m_heard(heard)
    , m_tell(std::move(tell))
    , m_thread([this](std::stop_token stop) { listen(std::move(stop)); })
{
}

Listener::~Listener()
{
    m_thread.request_stop();
    m_thread.join();
    // The server takes a moment to see that a connection was closed; whoever drives next need not wait for that.
    static_cast<void>(m_session.exec("SELECT pg_catalog.pg_advisory_unlock_all()"));
}

void Listener::listen(std::stop_token stop)
{
    while (!stop.stop_requested()) {
        auto heard = takeRequests(stop);
        if (heard && (!m_reading || std::chrono::steady_clock::now() - m_reading->at >= governInterval))
            heard = govern(stop);
        if (!heard && !stop.stop_requested() && !m_session.isAlive()) {
            m_control.ask(Asked::Lost);
            return;
        }
        static_cast<void>(pauseFor(listenInterval, stop));
    }
}

Status Listener::takeRequests(std::stop_token stop)
{
    TIDEMARK_TRY(const bool isAsked, m_journal.hasRequests(m_session, stop));
    if (!isAsked)
        return {};
    // They count as taken only once they were acted on: a connection that breaks before loses none. What breaks after does
    // not make this driver act twice.
    TIDEMARK_TRY(pg::Transaction transaction, pg::Transaction::begin(m_session));
    TIDEMARK_TRY(const auto requests, m_journal.takeRequests(transaction, std::move(stop)));
    for (const RunRequest &request : requests) {
        if (m_heard.insert(request.id).second)
            TIDEMARK_CHECK(act(request));
    }
    return transaction.commit();
}

Status Listener::act(const RunRequest &request)
{
    tell(QStringLiteral("request"), QStringLiteral("%1 asked for by %2").arg(request.verb, request.requestedBy));
    if (request.verb == QLatin1String("proceed")) {
        m_control.proceed(request.detail.value(QStringLiteral("step")).toInt());
        return {};
    }
    if (request.verb != QLatin1String("retune")) {
        m_control.ask(askedBy(request.verb));
        return {};
    }
    const auto settings = RunSettings::fromJson(request.detail, m_control.settings());
    if (!settings) {
        tell(QStringLiteral("error"), settings.error().summary());
        return {};
    }
    m_control.setSettings(*settings);
    return m_journal.setSettings(m_session, *settings);
}

Status Listener::govern(std::stop_token stop)
{
    TIDEMARK_TRY(const GovernorReading reading, GovernorReading::read(m_session, stop));
    const QStringList reasons = reasonsToHoldBack(m_control.settings().limits, m_reading.value_or(reading), reading);
    m_reading = reading;
    m_control.holdBack(reasons);
    // The figures in the reasons change with every look; what is told is when holding back begins and ends.
    if (reasons.isEmpty() != m_reasons.isEmpty()) {
        tell(QStringLiteral("throttle"), throttleText(reasons));
    }
    m_reasons = reasons;
    return {};
}

void Listener::tell(const QString &kind, const QString &text)
{
    static_cast<void>(m_journal.event(m_session, {}, kind, text));
    if (m_tell)
        m_tell({0, {}, {}, kind, text, {}});
}

} // namespace tidemark

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/interrupt.h"
#include "app/cli/json.h"
#include "app/cli/target.h"
#include "app/cli/verbs.h"
#include "core/base/units.h"
#include "core/monitor/historyrecorder.h"
#include "core/monitor/standardcollectors.h"

#include <QJsonDocument>

#include <mutex>
#include <thread>

namespace tidemark::cli {

namespace {

/// Prints what begins and what ends: connections, alerts. Called from the watches' threads, one server at a time each.
class Teller
{
public:
    explicit Teller(const Context &context)
        : m_context(context)
    {
    }

    void tell(const ServerSnapshot &server)
    {
        const std::lock_guard lock(m_mutex);
        for (const auto &[name, database] : server.databases) {
            const QString key = server.name + QLatin1Char('\n') + name;
            const bool live = database->state == WatchState::Live;
            const auto before = m_live.constFind(key);
            if (before != m_live.cend() && *before == live)
                continue;
            const bool wasLive = before != m_live.cend() && *before;
            m_live.insert(key, live);
            m_everConnected = m_everConnected || live;
            if (live)
                line(server, name, QStringLiteral("connected"),
                     QStringLiteral("watching PostgreSQL %1").arg(database->capabilities.serverVersionText));
            else if (database->error)
                line(server, name, wasLive ? QStringLiteral("connection_lost") : QStringLiteral("connection_failed"),
                     database->error->summary());
        }
        QSet<QString> active;
        for (const Alert &alert : server.alerts ? *server.alerts : std::vector<Alert>{}) {
            const QString key = QStringList{server.name, alert.key.database, toWord(alert.key.kind), alert.key.subject}
                                    .join(QLatin1Char('\n'));
            active.insert(key);
            if (!m_alerts.contains(key)) {
                m_alerts.insert(key, alert);
                line(server, alert.key.database, QStringLiteral("alert_raised"), alert.message, toWord(alert.key.kind));
            }
        }
        m_alerts.removeIf([&](const auto &entry) {
            if (active.contains(entry.key()) || !entry.key().startsWith(server.name + QLatin1Char('\n')))
                return false;
            const Alert &alert = entry.value();
            line(server, alert.key.database, QStringLiteral("alert_cleared"), alert.message, toWord(alert.key.kind));
            return true;
        });
    }

    [[nodiscard]] bool everRaised() const { return m_everRaised; }
    [[nodiscard]] bool everConnected() const { return m_everConnected; }

private:
    void line(const ServerSnapshot &server, const QString &database, const QString &event, const QString &message,
              const QString &kind = {})
    {
        m_everRaised = m_everRaised || event == QLatin1String("alert_raised");
        const QString at = toIso8601(m_context.clock.now());
        if (m_context.json) {
            const QJsonObject object{{QStringLiteral("version"), 1},
                                     {QStringLiteral("at"), at},
                                     {QStringLiteral("server"), server.name},
                                     {QStringLiteral("database"), database},
                                     {QStringLiteral("event"), event},
                                     {QStringLiteral("kind"), kind.isEmpty() ? QJsonValue() : QJsonValue(kind)},
                                     {QStringLiteral("message"), message}};
            m_context.out << QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact)) << Qt::endl;
        } else {
            QString words = event;
            m_context.out << at << "  " << server.name << '/' << database << "  "
                          << words.replace(QLatin1Char('_'), QLatin1Char(' ')) << ": " << message << Qt::endl;
        }
    }

    const Context &m_context;
    std::mutex m_mutex;
    QHash<QString, bool> m_live;
    QHash<QString, Alert> m_alerts;
    bool m_everRaised = false;
    bool m_everConnected = false;
};

/// The stored rules with what the options change of them for this run.
Result<AlertSettings> rulesOf(const Context &context)
{
    AlertSettings rules = context.store ? loadAlertSettings(SettingsStore(context.store)) : AlertSettings{};
    const auto take = [&](const char *option, std::optional<Millis> AlertRules::*field) -> Status {
        const QString name = QString::fromLatin1(option);
        if (!context.options.isSet(name))
            return {};
        const QString text = context.options.value(name);
        const auto threshold = units::parseDuration(text);
        rules.common.*field = threshold;
        for (auto &[profile, own] : rules.own)
            own.*field = threshold;
        if (!threshold && text != QLatin1String("none"))
            return fail(Error::input(QStringLiteral("--%1 takes a duration, not '%2'").arg(name, text),
                                     QStringLiteral("Write 30s, 2d, or none to switch the rule off.")));
        return {};
    };
    TIDEMARK_CHECK(take("blocking", &AlertRules::blockingLongerThan));
    TIDEMARK_CHECK(take("runway", &AlertRules::runwayShorterThan));
    return rules;
}

ExitCode watch(const Context &context)
{
    const auto rules = rulesOf(context);
    if (!rules)
        return context.fail(rules.error());
    std::optional<Millis> limit;
    if (context.options.isSet(QStringLiteral("for"))) {
        limit = units::parseDuration(context.options.value(QStringLiteral("for")));
        if (!limit)
            return context.fail(
                Error::input(QStringLiteral("'%1' is not a duration").arg(context.options.value(QStringLiteral("for"))),
                             QStringLiteral("Write 90s, 10min or 8h.")));
    }
    const auto targets = chosenTargets(context);
    if (!targets)
        return context.fail(targets.error());

    catchInterrupts();
    Teller teller(context);
    {
        HistoryRecorder recorder(context.store, context.clock);
        recorder.setRules(*rules);
        Monitor monitor(
            context.clock, standardCollectors(context.history),
            [&](const std::shared_ptr<const ServerSnapshot> &server) { teller.tell(*server); },
            [&](ServerSnapshot &server) { recorder.record(server); });
        for (const Target &target : *targets)
            monitor.add(target.profile, target.password);
        const auto started = std::chrono::steady_clock::now();
        while (!isInterrupted() && (!limit || std::chrono::steady_clock::now() - started < *limit))
            std::this_thread::sleep_for(Millis(100));
    }
    if (!teller.everConnected())
        return ExitCode::NoConnection;
    return context.options.isSet(QStringLiteral("check")) && teller.everRaised() ? ExitCode::Found : ExitCode::Done;
}

} // namespace

Verb watchVerb()
{
    return {QStringLiteral("watch"),
            QStringLiteral("stay, fill the history, and tell of alerts as they come and go"),
            {},
            {{QStringLiteral("for"), QStringLiteral("End by itself after this long."), QStringLiteral("DURATION")},
             {QStringLiteral("blocking"), QStringLiteral("Alert on blocking longer than this."),
              QStringLiteral("DURATION|none")},
             {QStringLiteral("runway"), QStringLiteral("Alert on a runway shorter than this."),
              QStringLiteral("DURATION|none")},
             {QStringLiteral("check"), QStringLiteral("Exit with 3 when an alert was raised.")}},
            watch};
}

} // namespace tidemark::cli

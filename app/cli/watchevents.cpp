// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/watchevents.h"

#include "core/base/printable.h"
#include "core/store/localstore.h"

namespace tidemark::cli {

namespace {

// What a dropped database, a restart and pg_terminate_backend() all say first.
constexpr char endedByAdministrator[] = "57P01";

QString keyOf(const ServerSnapshot &server, const QString &rest)
{
    return server.name + QLatin1Char('\n') + rest;
}

QString withHint(const QString &message, const QString &hint)
{
    return hint.isEmpty() ? message : QStringLiteral("%1 (%2)").arg(message, hint);
}

} // namespace

WatchEvents::WatchEvents(const Context &context)
    : m_context(context)
    , m_opened(context.store ? context.store->opened() : 0)
{
}

void WatchEvents::tell(const ServerSnapshot &server)
{
    const std::lock_guard lock(m_mutex);
    tellUnwatched(server);
    tellGone(server);
    for (const auto &[name, database] : server.databases)
        tellDatabase(server, name, database);
    tellAlerts(server);
}

void WatchEvents::tellUnwatched(const ServerSnapshot &server)
{
    QStringList &told = m_unwatched[server.name];
    if (told == server.unwatchedDatabases)
        return;
    told = server.unwatchedDatabases;
    if (told.isEmpty()) {
        notice({"all_watched", server.name, {}, QStringLiteral("all databases are watched now")});
        return;
    }
    notice({"not_watched",
            server.name,
            {},
            QStringLiteral("%1 not watched: %2; %3")
                .arg(told.size() == 1 ? QStringLiteral("1 database is")
                                      : QStringLiteral("%1 databases are").arg(told.size()),
                     printable(told.join(QStringLiteral(", "))), server.unwatchedBecause),
            {},
            QStringLiteral("Name those that matter with --database NAME, as many as there are.")});
}

void WatchEvents::tellGone(const ServerSnapshot &server)
{
    for (const auto &[name, how] : server.goneDatabases) {
        const QString key = keyOf(server, name);
        if (m_gone.contains(key))
            continue;
        m_gone.insert(key);
        m_ended.remove(key);
        m_live.insert(key, false);
        line({"database_gone", server.name, name, QStringLiteral("the database %1 %2").arg(name, how)});
    }
    m_gone.removeIf([&](const QString &key) {
        const QString prefix = keyOf(server, {});
        return key.startsWith(prefix) && !server.goneDatabases.contains(key.mid(prefix.size()));
    });
}

void WatchEvents::tellDatabase(const ServerSnapshot &server, const QString &name, const Database &database)
{
    const QString key = keyOf(server, name);
    const bool isLive = database->state == WatchState::Live;
    if (const Database ended = m_ended.value(key); ended && ended != database) {
        m_ended.remove(key);
        tellLost(server, name, *ended->error);
    }
    const auto before = m_live.constFind(key);
    const bool isNew = before == m_live.cend();
    const bool wasLive = !isNew && *before;
    if (!isNew && wasLive == isLive)
        return;
    if (!isLive && !database->error)
        return; // on its way
    m_live.insert(key, isLive);
    if (isLive) {
        m_everConnected = true;
        m_useless.erase(server.name);
        line({"connected", server.name, name,
              QStringLiteral("watching PostgreSQL %1").arg(database->capabilities.serverVersionText)});
    } else if (!wasLive) {
        if (database->error->kind == ErrorKind::Input)
            m_useless.emplace(server.name, *database->error);
        line({"connection_failed", server.name, name, database->error->summary(), {}, database->error->hint});
    } else if (database->error->sqlState == endedByAdministrator) {
        m_ended.insert(key, database);
    } else {
        tellLost(server, name, *database->error);
    }
}

void WatchEvents::tellLost(const ServerSnapshot &server, const QString &name, const Error &error)
{
    line({"connection_lost", server.name, name, error.summary()});
}

void WatchEvents::tellAlerts(const ServerSnapshot &server)
{
    QSet<QString> active;
    for (const Alert &alert : server.alerts ? *server.alerts : std::vector<Alert>{}) {
        const QString key = keyOf(
            server, QStringList{alert.key.database, toWord(alert.key.kind), alert.key.subject}.join(QLatin1Char('\n')));
        active.insert(key);
        if (!alert.seen || m_alerts.contains(key))
            continue;
        m_alerts.insert(key, alert);
        m_everRaised = true;
        line({"alert_raised", server.name, alert.key.database, alert.message, toWord(alert.key.kind)});
    }
    m_alerts.removeIf([&](const auto &entry) {
        if (active.contains(entry.key()) || !entry.key().startsWith(keyOf(server, {})))
            return false;
        const Alert &alert = entry.value();
        const auto gone = server.goneDatabases.find(alert.key.database);
        const QString why = gone == server.goneDatabases.end()
                                ? QString()
                                : QStringLiteral("the database %1 %2").arg(gone->first, gone->second);
        line({"alert_cleared", server.name, alert.key.database, withHint(alert.message, why), toWord(alert.key.kind)});
        return true;
    });
}

void WatchEvents::tellHistory(const LocalStore &store)
{
    const std::lock_guard lock(m_mutex);
    const int opened = store.opened();
    const auto trouble = store.trouble();
    const bool isAnew = opened > m_opened;
    m_opened = opened;
    if (trouble && !m_trouble) {
        m_trouble = trouble->message;
        notice({"history_failing",
                {},
                {},
                QStringLiteral("no history is kept: %1; it is tried again").arg(trouble->summary()),
                {},
                trouble->hint});
    } else if (!trouble && m_trouble) {
        m_trouble.reset();
        notice({"history_resumed", {}, {}, QStringLiteral("the history is kept again, in %1").arg(store.path())});
    } else if (isAnew) {
        notice(
            {"history_resumed",
             {},
             {},
             QStringLiteral("the local store %1 was deleted or replaced: what it held is gone, and it is written anew")
                 .arg(store.path())});
    }
}

bool WatchEvents::everRaised() const
{
    const std::lock_guard lock(m_mutex);
    return m_everRaised;
}

bool WatchEvents::everConnected() const
{
    const std::lock_guard lock(m_mutex);
    return m_everConnected;
}

std::optional<Error> WatchEvents::uselessIfAllOf(std::size_t servers) const
{
    const std::lock_guard lock(m_mutex);
    if (m_everConnected || m_useless.size() < servers)
        return std::nullopt;
    return m_useless.begin()->second;
}

bool WatchEvents::isUnheard() const
{
    const std::lock_guard lock(m_mutex);
    return m_context.out.status() != QTextStream::Ok;
}

void WatchEvents::line(const Event &event)
{
    const QString at = toIso8601(m_context.clock.now());
    const QString name = QString::fromLatin1(event.name);
    if (m_context.json) {
        const auto orNull = [](const QString &text) { return text.isEmpty() ? QJsonValue() : QJsonValue(text); };
        m_context.printLine({{QStringLiteral("at"), at},
                             {QStringLiteral("server"), orNull(event.server)},
                             {QStringLiteral("database"), orNull(event.database)},
                             {QStringLiteral("event"), name},
                             {QStringLiteral("kind"), orNull(event.kind)},
                             {QStringLiteral("message"), oneLine(event.message)},
                             {QStringLiteral("hint"), orNull(oneLine(event.hint))}});
        return;
    }
    QString words = name;
    m_context.out << at << "  " << printable(event.server) << '/' << printable(event.database) << "  "
                  << words.replace(QLatin1Char('_'), QLatin1Char(' ')) << ": "
                  << printable(withHint(event.message, event.hint)) << Qt::endl;
}

void WatchEvents::notice(const Event &event)
{
    if (m_context.json)
        line(event);
    const QString whose = event.server.isEmpty() ? QString() : event.server + QStringLiteral(": ");
    m_context.err << "tidemarkctl: " << printable(whose + event.message) << Qt::endl;
    if (!event.hint.isEmpty())
        m_context.err << "  " << printable(event.hint) << Qt::endl;
}

} // namespace tidemark::cli

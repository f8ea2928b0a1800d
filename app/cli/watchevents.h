// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command.h"
#include "core/monitor/alerts.h"
#include "core/monitor/snapshot.h"

#include <QSet>

#include <map>
#include <mutex>

namespace tidemark::cli {

/// Tells what begins and what ends while servers are watched: an event a line on stdout, as words or as one JSON object; and
/// on stderr what keeps the watching from being whole (databases that are not watched, a history that is not kept). Each
/// message is one line. Called from the watches' threads and from the main one.
///
/// Alerts: each is announced once by each program that watches its database and found it to hold itself. What stood open in
/// the history already, raised by an earlier run or another program, is announced when this one sees it hold, and not at
/// all where it has ended by then (core/monitor/alerts.h).
class WatchEvents
{
public:
    explicit WatchEvents(const Context &context);

    void tell(const ServerSnapshot &server);
    /// To be called again and again; says what became of the history, once each time.
    void tellHistory(const LocalStore &store);

    [[nodiscard]] bool everRaised() const;
    [[nodiscard]] bool everConnected() const;
    /// The first of the servers whose connection makes no sense, where that is true of so many: waiting mends none of them.
    [[nodiscard]] std::optional<Error> uselessIfAllOf(std::size_t servers) const;
    /// stdout takes no more.
    [[nodiscard]] bool isUnheard() const;

private:
    using Database = std::shared_ptr<const DatabaseSnapshot>;
    struct Event
    {
        const char *name;
        QString server;
        QString database;
        QString message;
        QString kind = {};
        QString hint = {};
    };

    void tellUnwatched(const ServerSnapshot &server);
    void tellDatabase(const ServerSnapshot &server, const QString &name, const Database &database);
    void tellGone(const ServerSnapshot &server);
    void tellAlerts(const ServerSnapshot &server);
    void tellLost(const ServerSnapshot &server, const QString &name, const Error &error);
    void line(const Event &event);
    /// What is no event of a server, but that something is missing: on stderr, and as an event in JSON.
    void notice(const Event &event);

    const Context &m_context;
    mutable std::mutex m_mutex;
    std::map<QString, QStringList> m_unwatched; ///< by server
    QHash<QString, bool> m_live;                ///< by server and database, as all below
    QHash<QString, Database> m_ended;           ///< ended by the server a moment ago: the next attempt tells why
    QSet<QString> m_gone;
    QHash<QString, Alert> m_alerts;
    std::map<QString, Error> m_useless; ///< by server
    std::optional<QString> m_trouble;   ///< of the history, as told
    int m_opened = 0;                   ///< the history, as told
    bool m_everRaised = false;
    bool m_everConnected = false;
};

} // namespace tidemark::cli

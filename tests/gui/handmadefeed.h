// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/standingclock.h"
#include "ui/services/dialogs.h"
#include "ui/services/monitorfeed.h"
#include "ui/services/settings.h"

#include <QHash>
#include <QStringList>

namespace tidemark::test {

/// Snapshots made by hand, published as the monitor would.
class HandMadeFeed final : public ui::MonitorFeed
{
public:
    [[nodiscard]] ui::Snapshots snapshots() const override { return m_snapshots; }
    void watch(const Profile &, const QString &) override {}
    void unwatch(const QString &server) override
    {
        m_snapshots.remove(server);
        Q_EMIT serverRemoved(server);
    }
    void setPaused(bool value) override { paused = value; }
    void setInterval(Millis value) override { interval = value; }
    void refreshNow() override { ++refreshes; }
    void retry(const QString &server) override { retried << server; }

    void publish(ServerSnapshot snapshot)
    {
        const auto shared = std::make_shared<const ServerSnapshot>(std::move(snapshot));
        m_snapshots.insert(shared->name, shared);
        Q_EMIT serverUpdated(shared);
    }

    bool paused = false;
    Millis interval{0};
    int refreshes = 0;
    QStringList retried;

private:
    ui::Snapshots m_snapshots;
};

/// Remembers what was asked and answers as told.
class AnsweringDialogs final : public ui::Dialogs
{
public:
    void confirm(QWidget *, const ui::ConfirmRequest &request, std::function<void(bool)> answered) override
    {
        asked << request.title;
        lastRequest = request;
        answered(answer);
    }
    void saveFile(QWidget *, const QString &title, const QString &proposedName, const QStringList &,
                  std::function<void(const QString &)> chosen) override
    {
        asked << title;
        lastProposedName = proposedName;
        if (!path.isEmpty())
            chosen(path);
    }
    void askPassword(QWidget *, const QString &server, std::function<void(std::optional<QString>)> answered) override
    {
        asked << server;
        answered(std::nullopt);
    }
    void inform(QWidget *, const QString &title, const QString &) override { asked << title; }

    QStringList asked;
    ui::ConfirmRequest lastRequest;
    QString lastProposedName;
    QString path;
    bool answer = false;
};

class MemorySettings final : public ui::Settings
{
public:
    [[nodiscard]] QString value(const QString &key) const override { return values.value(key); }
    void setValue(const QString &key, const QString &value) override { values.insert(key, value); }
    QHash<QString, QString> values;
};

/// A live server with one database: `views` materialized views, every third past its target.
[[nodiscard]] inline ServerSnapshot liveServer(const QString &name, const Clock &clock, int views = 6)
{
    using namespace std::chrono_literals;
    auto freshness = std::make_shared<FreshnessSnapshot>();
    for (int i = 0; i < views; ++i) {
        Refreshable row;
        row.oid = static_cast<quint32>(1000 + i);
        row.name = {QStringLiteral("public"), QStringLiteral("view_%1").arg(i, 3, 10, QLatin1Char('0'))};
        row.lastRefresh.confidence = Confidence::Commit;
        row.lastRefresh.source = RefreshSource::CommitTimestamp;
        row.lastRefresh.at = clock.now() - std::chrono::minutes(i + 1);
        row.target = i % 3 == 0 ? std::optional<Millis>(30s) : std::optional<Millis>(10h);
        row.sourceChanges = i;
        freshness->refreshables.push_back(row);
    }
    auto database = std::make_shared<DatabaseSnapshot>();
    database->name = QStringLiteral("plays");
    database->state = WatchState::Live;
    database->takenAt = clock.now();
    database->capabilities.serverVersionText = QStringLiteral("15.18 (Debian)");
    database->freshness = freshness;
    database->partitions = std::make_shared<PartitionSnapshot>();
    database->jobs = std::make_shared<std::vector<Job>>();
    ServerSnapshot server;
    server.name = name;
    server.environment = QStringLiteral("production");
    server.state = WatchState::Live;
    server.takenAt = clock.now();
    server.databases[database->name] = database;
    server.locks = std::make_shared<LockSnapshot>();
    server.overhead.lastTickRoundTripMs = 6;
    server.overhead.interval = 2s;
    server.overhead.serverMsPerSecond = 3;
    return server;
}

[[nodiscard]] inline LockSnapshot chainOfThree(Instant now)
{
    using namespace std::chrono_literals;
    LockSnapshot locks;
    locks.takenAt = now;
    for (int i = 0; i < 3; ++i) {
        LockParty party;
        party.pid = 4711 + i;
        party.backendStart = now - 1h;
        party.applicationName = i == 0 ? QStringLiteral("psql") : QStringLiteral("worker");
        party.user = QStringLiteral("app");
        party.database = QStringLiteral("plays");
        party.state = i == 0 ? QStringLiteral("idle in transaction") : QStringLiteral("active");
        party.xactStart = now - 5min;
        party.query = QStringLiteral("UPDATE plays SET seen = true WHERE id = %1").arg(i);
        if (i > 0) {
            party.wantedMode = QStringLiteral("RowExclusiveLock");
            party.lockType = QStringLiteral("relation");
            party.object = QStringLiteral("public.plays");
            party.waitingSince = now - std::chrono::seconds(20 * i);
        } else {
            party.heldMode = QStringLiteral("AccessExclusiveLock");
        }
        locks.parties.push_back(party);
    }
    locks.edges = {{1, 0, false}, {2, 1, true}};
    locks.waiterCount = 2;
    return locks;
}

} // namespace tidemark::test

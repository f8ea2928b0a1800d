// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/alerts.h"

#include "core/base/units.h"
#include "core/base/words.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <set>

namespace tidemark {

namespace {

/// How many samples in a row must not show a root blocker before it is gone.
constexpr int samplesThatClear = 2;
/// How long a watch may take to reach all its databases.
constexpr auto databasesAppearWithin = std::chrono::minutes(5);

constexpr std::array kinds{Word{AlertKind::Freshness, "freshness"}, Word{AlertKind::Blocking, "blocking"},
                           Word{AlertKind::Runway, "runway"}, Word{AlertKind::Job, "job"}};

QString subjectOf(const LockParty &party)
{
    return party.pid != 0 ? QStringLiteral("pid %1").arg(party.pid)
                          : QStringLiteral("prepared transaction %1").arg(party.preparedGid);
}

QString described(const LockParty &party)
{
    QStringList words;
    if (!party.applicationName.isEmpty())
        words << party.applicationName;
    if (!party.state.isEmpty())
        words << party.state;
    const QString subject = subjectOf(party);
    return words.isEmpty() ? subject : QStringLiteral("%1 (%2)").arg(subject, words.join(QLatin1String(", ")));
}

/// All that wait behind a party, directly or not.
std::set<int> waitersBehind(const LockSnapshot &locks, int root)
{
    std::map<int, std::vector<int>> waitersOf;
    for (const LockEdge &edge : locks.edges)
        waitersOf[edge.blocker].push_back(edge.waiter);
    std::set<int> behind;
    std::vector<int> open{root};
    while (!open.empty()) {
        const int party = open.back();
        open.pop_back();
        for (const int waiter : waitersOf[party]) {
            if (behind.insert(waiter).second)
                open.push_back(waiter);
        }
    }
    return behind;
}

std::set<int> rootsOf(const LockSnapshot &locks)
{
    std::set<int> roots;
    for (const LockEdge &edge : locks.edges)
        roots.insert(edge.blocker);
    for (const LockEdge &edge : locks.edges)
        roots.erase(edge.waiter);
    return roots;
}

/// The first line of an error: the rest is for the history page.
QString firstLine(const QString &text)
{
    return text.section(QLatin1Char('\n'), 0, 0).trimmed();
}

} // namespace

/// What one evaluation found: what must be raised, and of what it knows nothing. All else is well.
struct AlertEngine::Findings
{
    std::map<AlertKey, QString> raised;
    std::set<AlertKey> held;
    std::set<std::pair<AlertKind, QString>> heldParts; ///< kind and database
    std::set<QString> judgedDatabases;
    bool blockingHeld = false;

    [[nodiscard]] bool isHeld(const AlertKey &key, bool databasesMayAppear) const
    {
        if (key.kind == AlertKind::Blocking)
            return blockingHeld || held.contains(key);
        const bool isAbsent = !judgedDatabases.contains(key.database);
        return held.contains(key) || heldParts.contains({key.kind, key.database}) || (isAbsent && databasesMayAppear);
    }
};

QString toWord(AlertKind kind)
{
    return wordOf(kinds, kind);
}

std::optional<AlertKind> alertKindOf(const QString &word)
{
    return valueOf(kinds, word);
}

AlertEngine::AlertEngine(AlertRules rules)
    : m_rules(rules)
{
}

void AlertEngine::restore(const std::vector<AlertRecord> &open)
{
    for (const AlertRecord &record : open) {
        const auto kind = alertKindOf(record.kind);
        if (!kind)
            continue;
        const AlertKey key{*kind, record.database, record.subject};
        if (!m_active.try_emplace(key, Alert{key, record.message, record.raisedAt, false, {}}).second)
            continue;
        if (*kind == AlertKind::Blocking)
            m_roots[key] = {record.raisedAt, 0};
    }
}

AlertTransitions AlertEngine::evaluate(const ServerSnapshot &snapshot, Instant now)
{
    AlertTransitions transitions;
    if (snapshot.replayed)
        return transitions;
    leaveToOthers(snapshot);
    endOfGoneDatabases(snapshot, transitions);
    if (snapshot.state != WatchState::Live)
        return transitions;
    if (!m_startedAt)
        m_startedAt = now;

    Findings findings;
    for (const auto &[name, database] : snapshot.databases) {
        findings.judgedDatabases.insert(name);
        const auto holds = [&, part = database.get()](AlertKind kind, const QString &collector, bool isLoaded) {
            const bool isKnown = part->state == WatchState::Live && isLoaded && !part->errors.contains(collector);
            if (!isKnown)
                findings.heldParts.insert({kind, part->name});
            return !isKnown;
        };
        if (!holds(AlertKind::Freshness, QStringLiteral("freshness"), database->freshness != nullptr))
            judgeFreshness(*database, now, findings);
        if (!holds(AlertKind::Runway, QStringLiteral("partitions"), database->partitions != nullptr))
            judgeRunways(*database, now, findings);
        if (!holds(AlertKind::Job, QStringLiteral("jobs"), database->jobs != nullptr))
            judgeJobs(*database, now, findings);
    }
    judgeLocks(snapshot, findings);

    for (const auto &[key, message] : findings.raised) {
        const auto [alert, isNew] = m_active.try_emplace(key, Alert{key, message, now, true, {}});
        alert->second.message = message;
        alert->second.seen = true;
        if (isNew)
            transitions.raised.push_back(alert->second);
    }
    const bool databasesMayAppear = now - *m_startedAt < databasesAppearWithin;
    for (auto alert = m_active.begin(); alert != m_active.end();) {
        if (findings.raised.contains(alert->first) || findings.isHeld(alert->first, databasesMayAppear)) {
            ++alert;
        } else {
            transitions.cleared.push_back(alert->second);
            alert = m_active.erase(alert);
        }
    }
    return transitions;
}

void AlertEngine::leaveToOthers(const ServerSnapshot &snapshot)
{
    std::erase_if(m_active, [&](const auto &entry) {
        const AlertKey &key = entry.first;
        if (!snapshot.chosenDatabases.isEmpty() && !snapshot.chosenDatabases.contains(key.database))
            return !entry.second.seen; // a blocker there may hold up those that are watched
        return snapshot.unwatchedDatabases.contains(key.database) && key.kind != AlertKind::Blocking;
    });
}

void AlertEngine::endOfGoneDatabases(const ServerSnapshot &snapshot, AlertTransitions &transitions)
{
    for (auto alert = m_active.begin(); alert != m_active.end();) {
        const auto gone = snapshot.goneDatabases.find(alert->first.database);
        if (gone == snapshot.goneDatabases.end()) {
            ++alert;
            continue;
        }
        m_roots.erase(alert->first);
        alert->second.endedBecause =
            QCoreApplication::translate("Alerts", "the database %1 %2").arg(gone->first, gone->second);
        transitions.cleared.push_back(alert->second);
        alert = m_active.erase(alert);
    }
}

void AlertEngine::judgeFreshness(const DatabaseSnapshot &database, Instant now, Findings &findings) const
{
    if (!m_rules.freshness)
        return;
    for (const Refreshable &refreshable : database.freshness->refreshables) {
        if (!refreshable.target)
            continue;
        const AlertKey key{AlertKind::Freshness, database.name, refreshable.name.display()};
        const auto breached = isBreached(refreshable, now);
        if (!breached) {
            findings.held.insert(key);
        } else if (*breached && !refreshable.populated) {
            findings.raised[key] = QCoreApplication::translate(
                                       "Alerts", "%1 holds no data, and reading it fails; its target is %2")
                                       .arg(key.subject, units::duration(*refreshable.target));
        } else if (*breached && refreshable.lastRefresh.at) {
            const LastRefresh &last = refreshable.lastRefresh;
            const bool isPoint = !last.probable
                                 && (last.confidence == Confidence::Exact || last.confidence == Confidence::Commit);
            findings.raised[key] =
                (isPoint ? QCoreApplication::translate("Alerts", "%1 was last refreshed %2; its target is %3")
                         : QCoreApplication::translate("Alerts", "%1 was last refreshed at least %2; its target is %3"))
                    .arg(key.subject, units::age(*refreshable.lastRefresh.at, now),
                         units::duration(*refreshable.target));
        }
    }
}

void AlertEngine::judgeRunways(const DatabaseSnapshot &database, Instant now, Findings &findings) const
{
    if (!m_rules.runwayShorterThan)
        return;
    for (const auto &table : database.partitions->tables) {
        const AlertKey key{AlertKind::Runway, database.name, table->name.display()};
        if (!table->problem.isEmpty() || (table->runsOut && !table->runwayUntil)) {
            findings.held.insert(key);
            continue;
        }
        const RunwayState state = runwayState(*table, m_rules.runwayShorterThan, now);
        if (state != RunwayState::Short && state != RunwayState::RanOut)
            continue;
        findings.raised[key] =
            state == RunwayState::Short
                ? QCoreApplication::translate("Alerts", "%1 runs out of partitions %2, at %3; the limit is %4")
                      .arg(key.subject, units::age(*table->runwayUntil, now), toUtcSeconds(*table->runwayUntil),
                           units::duration(*m_rules.runwayShorterThan))
                : QCoreApplication::translate("Alerts", "%1 ran out of partitions %2, at %3")
                      .arg(key.subject, units::age(*table->runwayUntil, now), toUtcSeconds(*table->runwayUntil));
    }
}

void AlertEngine::judgeJobs(const DatabaseSnapshot &database, Instant now, Findings &findings) const
{
    if (!m_rules.jobFailed)
        return;
    for (const Job &job : *database.jobs) {
        const AlertKey key{AlertKind::Job, database.name,
                           QStringLiteral("%1 job %2").arg(toWord(job.scheduler)).arg(job.id)};
        if (!job.active)
            continue;
        if (!job.lastSucceeded) {
            findings.held.insert(key);
            continue;
        }
        if (*job.lastSucceeded)
            continue;
        const QString subject = job.name.isEmpty() ? key.subject : QStringLiteral("%1 (%2)").arg(key.subject, job.name);
        QString message = QCoreApplication::translate("Alerts", "%1 failed").arg(subject);
        if (job.lastFinishedAt)
            message += QLatin1Char(' ') + units::age(*job.lastFinishedAt, now);
        if (const QString reason = firstLine(job.lastMessage); !reason.isEmpty())
            message += QStringLiteral(": ") + reason;
        findings.raised[key] = message;
    }
}

void AlertEngine::judgeLocks(const ServerSnapshot &snapshot, Findings &findings)
{
    if (!m_rules.blockingLongerThan) {
        m_roots.clear();
        return;
    }
    const bool failed = std::any_of(snapshot.databases.begin(), snapshot.databases.end(), [](const auto &entry) {
        return entry.second->errors.contains(QStringLiteral("locks"));
    });
    // Other parts of the server are published more often than its locks: the same sample says nothing new.
    if (failed || !snapshot.locks || snapshot.locks->takenAt == m_locksTakenAt) {
        findings.blockingHeld = true;
        return;
    }
    const LockSnapshot &locks = *snapshot.locks;
    m_locksTakenAt = locks.takenAt;

    std::set<AlertKey> present;
    const auto isMeant = [&](int party) {
        const QString &database = locks.parties[static_cast<std::size_t>(party)].database;
        return snapshot.chosenDatabases.isEmpty() || snapshot.chosenDatabases.contains(database);
    };
    for (const int root : rootsOf(locks)) {
        const std::set<int> behind = waitersBehind(locks, root);
        if (!isMeant(root) && std::none_of(behind.begin(), behind.end(), isMeant))
            continue;
        const LockParty &party = locks.parties[static_cast<std::size_t>(root)];
        const AlertKey key{AlertKind::Blocking, party.database, subjectOf(party)};
        present.insert(key);
        m_roots.try_emplace(key, Root{locks.takenAt, 0}).first->second.missed = 0;
        judgeRoot(locks, key, root, findings);
    }
    for (auto root = m_roots.begin(); root != m_roots.end();) {
        const bool isGone = !present.contains(root->first) && !locks.truncated
                            && ++root->second.missed >= samplesThatClear;
        if (!isGone)
            findings.held.insert(root->first);
        root = isGone ? m_roots.erase(root) : std::next(root);
    }
}

void AlertEngine::judgeRoot(const LockSnapshot &locks, const AlertKey &key, int root, Findings &findings) const
{
    const std::set<int> behind = waitersBehind(locks, root);
    const LockParty *longest = nullptr;
    for (const int index : behind) {
        const LockParty &waiter = locks.parties[static_cast<std::size_t>(index)];
        const auto since = [](const LockParty *party) { return party->waitingSince.value_or(Instant::max()); };
        if (longest == nullptr || since(&waiter) < since(longest))
            longest = &waiter;
    }
    // Servers before 14 do not say since when a backend waits: it is at least since a sample first showed the root.
    const Instant since = longest->waitingSince.value_or(m_roots.at(key).since);
    const Millis waited = millisBetween(since, locks.takenAt);
    if (waited <= *m_rules.blockingLongerThan)
        return;
    const QString who = described(locks.parties[static_cast<std::size_t>(root)]);
    QString message = behind.size() == 1
                          ? QCoreApplication::translate("Alerts", "%1 holds up 1 session; it has waited %2")
                                .arg(who, units::duration(waited))
                          : QCoreApplication::translate("Alerts", "%1 holds up %2 sessions; the longest has waited %3")
                                .arg(who, QString::number(behind.size()), units::duration(waited));
    if (!longest->object.isEmpty())
        message = QCoreApplication::translate("Alerts", "%1 for %2").arg(message, longest->object);
    findings.raised[key] = QCoreApplication::translate("Alerts", "%1; the limit is %2")
                               .arg(message, units::duration(*m_rules.blockingLongerThan));
}

} // namespace tidemark

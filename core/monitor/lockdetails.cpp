// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/lockdetails.h"

#include <algorithm>

namespace tidemark {

struct LockDetails::Lock
{
    int pid = 0;
    bool granted = false;
    QString mode;
    QString objectKey;
    LockTag tag;
    std::optional<Instant> waitStart;
    LockParty prepared; // of a prepared transaction's lock
};

LockDetails::LockDetails(std::shared_ptr<RelationNames> names)
    : m_names(std::move(names))
{
}

std::vector<LockDetails::Lock> LockDetails::readLocks(const pg::ResultSet &rows)
{
    const auto pid = rows.column("pid");
    const auto granted = rows.column("granted");
    const auto mode = rows.column("mode");
    const auto lockType = rows.column("lock_type");
    const auto objectKey = rows.column("object_key");
    const auto relation = rows.column("relation");
    const auto relationSchema = rows.column("relation_schema");
    const auto relationName = rows.column("relation_name");
    const auto page = rows.column("page");
    const auto tuple = rows.column("tuple");
    const auto virtualXid = rows.column("virtual_xid");
    const auto transactionId = rows.column("transaction_id");
    const auto classOid = rows.column("class_oid");
    const auto className = rows.column("class_name");
    const auto objectOid = rows.column("object_oid");
    const auto objectName = rows.column("object_name");
    const auto objectSubId = rows.column("object_sub_id");
    const auto otherDatabase = rows.column("other_database");
    const auto waitStart = rows.column("wait_start");
    const auto gid = rows.column("gid");
    const auto preparedAt = rows.column("prepared_at");
    const auto preparedBy = rows.column("prepared_by");
    const auto preparedIn = rows.column("prepared_in");

    std::vector<Lock> locks;
    locks.reserve(static_cast<std::size_t>(rows.rowCount()));
    for (int row = 0; row < rows.rowCount(); ++row) {
        Lock lock;
        lock.pid = rows.int32(row, pid);
        lock.granted = rows.boolean(row, granted);
        lock.mode = rows.text(row, mode);
        lock.objectKey = rows.text(row, objectKey);
        lock.waitStart = rows.instant(row, waitStart);
        LockTag &tag = lock.tag;
        tag.type = rows.text(row, lockType);
        tag.relationOid = rows.oid(row, relation);
        tag.relation = {rows.text(row, relationSchema), rows.text(row, relationName)};
        tag.otherDatabase = rows.text(row, otherDatabase);
        tag.page = rows.int32(row, page);
        tag.tuple = rows.int32(row, tuple);
        tag.virtualXid = rows.text(row, virtualXid);
        tag.transactionId = rows.oid(row, transactionId);
        tag.classOid = rows.oid(row, classOid);
        tag.className = rows.text(row, className);
        tag.objectOid = rows.oid(row, objectOid);
        tag.objectName = rows.text(row, objectName);
        tag.objectSubId = rows.int32(row, objectSubId);
        lock.prepared.preparedGid = rows.text(row, gid);
        lock.prepared.user = rows.text(row, preparedBy);
        lock.prepared.database = rows.text(row, preparedIn);
        lock.prepared.xactStart = rows.instant(row, preparedAt);
        locks.push_back(std::move(lock));
    }
    return locks;
}

LockDetails::Explanation LockDetails::explain(const SampledWaiter &waiter, const std::vector<Lock> &locks,
                                              const QHash<QString, std::vector<std::size_t>> &byObject,
                                              const std::vector<std::size_t> &own)
{
    Explanation explanation;
    const Lock *wanted = nullptr; // of a parallel group that waits for several: the one that waits longest
    for (const std::size_t index : own) {
        const Lock &lock = locks[index];
        if (lock.granted)
            continue;
        if (wanted == nullptr || lock.waitStart.value_or(Instant::max()) < wanted->waitStart.value_or(Instant::max()))
            wanted = &lock;
        for (const std::size_t other : *byObject.constFind(lock.objectKey)) {
            const Lock &standing = locks[other];
            if (!std::binary_search(waiter.blockers.begin(), waiter.blockers.end(), standing.pid)
                || !lockModesConflict(lock.mode, standing.mode))
                continue;
            Blocker &blocker = explanation.blockers[{standing.pid, standing.prepared.preparedGid}];
            blocker.prepared = standing.prepared;
            if (standing.granted) {
                blocker.soft = false;
                if (lockModeStrength(standing.mode) > lockModeStrength(blocker.heldMode))
                    blocker.heldMode = standing.mode;
            }
        }
    }
    if (wanted == nullptr)
        return explanation;
    explanation.wantedMode = wanted->mode;
    explanation.lockType = wanted->tag.type;
    explanation.since = wanted->waitStart;
    if (wanted->tag.type == QLatin1String("transactionid")) {
        for (const std::size_t index : own) {
            if (locks[index].granted && locks[index].tag.type == QLatin1String("tuple"))
                explanation.objects.push_back(locks[index].tag);
        }
    }
    explanation.objects.push_back(wanted->tag);
    return explanation;
}

void LockDetails::absorb(const pg::ResultSet &rows, const LockSample &sample)
{
    const std::vector<Lock> locks = readLocks(rows);
    QHash<QString, std::vector<std::size_t>> byObject;
    QHash<int, std::vector<std::size_t>> byPid;
    for (std::size_t index = 0; index < locks.size(); ++index) {
        byObject[locks[index].objectKey].push_back(index);
        byPid[locks[index].pid].push_back(index);
    }
    for (const SampledWaiter &waiter : sample.waiters) {
        Explanation explanation = explain(waiter, locks, byObject, byPid.value(waiter.identity.pid));
        if (!explanation.wantedMode.isEmpty())
            m_explanations.insert_or_assign(waiter.identity, std::move(explanation));
    }
}

void LockDetails::observe(const LockSample &sample)
{
    const auto isOver = [&](const auto &entry) {
        const auto found = std::lower_bound(
            sample.waiters.begin(), sample.waiters.end(), entry.first,
            [](const SampledWaiter &waiter, const WaitIdentity &identity) { return waiter.identity < identity; });
        return found == sample.waiters.end() || found->identity != entry.first;
    };
    std::erase_if(m_explanations, isOver);
    std::erase_if(m_firstSeen, isOver);
    for (const SampledWaiter &waiter : sample.waiters) {
        // A wait that was under way when watching began may be as old as its statement.
        const Instant since = m_hasObserved ? sample.at : waiter.stateChange.value_or(sample.at);
        m_firstSeen.try_emplace(waiter.identity, since);
    }
    m_hasObserved = true;
}

void LockDetails::clear()
{
    m_explanations.clear();
    m_firstSeen.clear();
    m_hasObserved = false;
}

const LockDetails::Explanation *LockDetails::explanationOf(const SampledWaiter &waiter) const
{
    const auto found = m_explanations.find(waiter.identity);
    if (found == m_explanations.end())
        return nullptr;
    // The same statement may by now wait for another lock, behind others.
    const auto &blockers = found->second.blockers;
    const bool fits = blockers.empty() || std::any_of(blockers.begin(), blockers.end(), [&](const auto &blocker) {
                          return std::binary_search(waiter.blockers.begin(), waiter.blockers.end(),
                                                    blocker.first.first);
                      });
    return fits ? &found->second : nullptr;
}

QString LockDetails::objectText(const Explanation &explanation) const
{
    QStringList texts;
    for (LockTag tag : explanation.objects) {
        if (m_names && tag.relationOid != 0 && tag.relation.name.isEmpty() && !tag.otherDatabase.isEmpty()) {
            const RelationNames::Found found = m_names->find(tag.otherDatabase, tag.relationOid);
            if (found.isPending)
                return {}; // a number now and a name in a moment would be two objects to the history
            tag.relation = found.name.value_or(pg::QualifiedName{});
        }
        texts << lockObjectText(tag);
    }
    return texts.join(QStringLiteral(", "));
}

LockSnapshot LockDetails::snapshot(const LockSample &sample) const
{
    LockSnapshot snapshot;
    snapshot.takenAt = sample.at;
    QHash<QPair<int, QString>, int> indexes;
    const auto indexOf = [&](int pid, const LockParty &prepared) {
        const QPair<int, QString> key(pid, prepared.preparedGid);
        if (const auto known = indexes.constFind(key); known != indexes.cend())
            return *known;
        snapshot.parties.push_back(pid == 0 ? prepared : sample.parties.value(pid));
        snapshot.parties.back().pid = pid;
        return *indexes.insert(key, static_cast<int>(snapshot.parties.size()) - 1);
    };

    for (const SampledWaiter &waiter : sample.waiters) {
        const int waiterIndex = indexOf(waiter.identity.pid, {});
        const Explanation *explanation = explanationOf(waiter);
        LockParty &party = snapshot.parties[static_cast<std::size_t>(waiterIndex)];
        const auto firstSeen = m_firstSeen.find(waiter.identity);
        if (firstSeen != m_firstSeen.end())
            party.waitingSince = firstSeen->second;
        party.lockType = waiter.identity.waitEvent;
        if (explanation != nullptr) {
            party.wantedMode = explanation->wantedMode;
            party.lockType = explanation->lockType;
            party.object = objectText(*explanation);
            if (explanation->since)
                party.waitingSince = explanation->since;
        }

        const auto addEdge = [&](int pid, const Blocker *blocker) {
            const int blockerIndex = indexOf(pid, blocker != nullptr ? blocker->prepared : LockParty{});
            snapshot.edges.push_back({waiterIndex, blockerIndex, blocker != nullptr && blocker->soft});
            QString &held = snapshot.parties[static_cast<std::size_t>(blockerIndex)].heldMode;
            if (blocker != nullptr && lockModeStrength(blocker->heldMode) > lockModeStrength(held))
                held = blocker->heldMode;
        };
        for (const int pid : waiter.blockers) {
            bool explained = false;
            if (explanation != nullptr) {
                // One pid, but for 0, which is any number of prepared transactions.
                for (auto it = explanation->blockers.lower_bound({pid, {}});
                     it != explanation->blockers.end() && it->first.first == pid; ++it) {
                    addEdge(pid, &it->second);
                    explained = true;
                }
            }
            if (!explained)
                addEdge(pid, nullptr);
        }
    }
    return snapshot;
}

} // namespace tidemark

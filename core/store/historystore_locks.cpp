// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/historystore.h"

#include "core/store/lockstorage.h"
#include "core/store/storeids.h"

#include <algorithm>
#include <set>

namespace tidemark {

namespace {

/// An episode outlives one sample that does not show it, as long as samples come at all.
constexpr int missesThatEnd = 2;
constexpr auto longestSilence = std::chrono::seconds(60);

using EpisodeKey = std::tuple<BackendKey, BackendKey, QString>;

EpisodeKey episodeKey(const LockParty &waiter, const LockParty &blocker)
{
    return {backendKey(waiter), backendKey(blocker), waiter.object};
}

std::string selectEpisodes(const std::string &where)
{
    return "SELECT e.id, e.first_seen_at, e.last_seen_at, e.ended, e.soft, e.missed, e.waiter_id, e.blocker_id, "
           + LockPartyRows::columns("w") + ", " + LockPartyRows::columns("b") + " FROM lock_episode e"
           + LockPartyRows::joins("w", "e.waiter_id") + LockPartyRows::joins("b", "e.blocker_id") + " WHERE " + where
           + " ORDER BY e.first_seen_at, e.id";
}

LockEpisode readEpisode(const Statement &row)
{
    constexpr int parties = 8;
    LockEpisode episode;
    episode.id = row.integer(0);
    episode.firstSeenAt = row.instant(1);
    episode.lastSeenAt = row.instant(2);
    episode.ended = row.flag(3);
    episode.soft = row.flag(4);
    episode.waiter = LockPartyRows::read(row, parties);
    episode.blocker = LockPartyRows::read(row, parties + LockPartyRows::columnCount);
    return episode;
}

struct OpenEpisode
{
    qint64 id = 0;
    Instant lastSeenAt;
    int missed = 0;
    std::optional<Instant> waitingSince;
    bool seen = false;
};

/// Brings the episodes of one server up to a sample; lives within one write.
class SampleWriter
{
public:
    SampleWriter(SQLite::Database &db, qint64 serverId, Instant takenAt)
        : m_serverId(serverId)
        , m_takenAt(takenAt)
        , m_parties(db, serverId)
        , m_add(db, "INSERT INTO lock_episode (server_id, waiter_id, blocker_id, first_seen_at, last_seen_at, soft) "
                    "VALUES (?1, ?2, ?3, ?4, ?4, ?5)")
        , m_prolong(
              db,
              "UPDATE lock_episode SET waiter_id = ?2, blocker_id = ?3, last_seen_at = max(last_seen_at, ?4), soft = ?5, "
              "missed = 0 WHERE id = ?1")
        , m_miss(db, "UPDATE lock_episode SET missed = ?2, ended = ?3 WHERE id = ?1")
    {
        Statement open(db, selectEpisodes("e.server_id = ? AND e.ended = 0"));
        open.bind(serverId);
        while (open.next()) {
            const LockEpisode episode = readEpisode(open);
            m_open[episodeKey(episode.waiter, episode.blocker)] = {episode.id, episode.lastSeenAt, open.number(5),
                                                                   episode.waiter.waitingSince, false};
            m_parties.remember(open.integer(6), episode.waiter);
            m_parties.remember(open.integer(7), episode.blocker);
        }
    }

    void write(const LockSnapshot &snapshot)
    {
        std::vector<qint64> partyIds(snapshot.parties.size(), 0);
        const auto partyId = [&](int index) {
            qint64 &id = partyIds[static_cast<std::size_t>(index)];
            if (id == 0)
                id = m_parties.save(snapshot.parties[static_cast<std::size_t>(index)]);
            return id;
        };
        std::set<EpisodeKey> started;
        for (const LockEdge &edge : snapshot.edges) {
            const LockParty &waiter = snapshot.parties[static_cast<std::size_t>(edge.waiter)];
            const EpisodeKey key = episodeKey(waiter, snapshot.parties[static_cast<std::size_t>(edge.blocker)]);
            const auto open = findOpen(key);
            if (open != m_open.end() && goesOn(open->second, waiter)) {
                open->second.seen = true;
                m_prolong.bind(open->second.id, partyId(edge.waiter), partyId(edge.blocker), m_takenAt, edge.soft)
                    .run();
            } else if (started.insert(key).second) {
                m_add.bind(m_serverId, partyId(edge.waiter), partyId(edge.blocker), m_takenAt, edge.soft).run();
            }
        }
        for (const auto &[key, episode] : m_open) {
            if (!episode.seen)
                miss(episode, snapshot.truncated, started.count(key) > 0);
        }
    }

private:
    /// What a party waits for is learned a sample or more after it was seen waiting: the episode is the same.
    [[nodiscard]] std::map<EpisodeKey, OpenEpisode>::iterator findOpen(const EpisodeKey &key)
    {
        const auto &[waiter, blocker, object] = key;
        if (const auto exact = m_open.find(key); exact != m_open.end())
            return exact;
        const auto nearest = m_open.lower_bound({waiter, blocker, QString()});
        if (nearest == m_open.end() || std::get<0>(nearest->first) != waiter || std::get<1>(nearest->first) != blocker)
            return m_open.end();
        return object.isEmpty() || std::get<2>(nearest->first).isEmpty() ? nearest : m_open.end();
    }

    /// After a silence only the server's own word that it is the same wait joins the two.
    [[nodiscard]] bool goesOn(const OpenEpisode &episode, const LockParty &waiter) const
    {
        return m_takenAt - episode.lastSeenAt <= longestSilence
               || (waiter.waitingSince && waiter.waitingSince == episode.waitingSince);
    }

    void miss(const OpenEpisode &episode, bool truncated, bool succeeded)
    {
        // What a cut sample does not show may be in the part that was cut.
        const int missed = truncated ? episode.missed : episode.missed + 1;
        const bool ended = succeeded || missed >= missesThatEnd || m_takenAt - episode.lastSeenAt > longestSilence;
        m_miss.bind(episode.id, missed, ended).run();
    }

    qint64 m_serverId;
    Instant m_takenAt;
    LockPartyRows m_parties;
    std::map<EpisodeKey, OpenEpisode> m_open;
    Statement m_add;
    Statement m_prolong;
    Statement m_miss;
};

} // namespace

Status HistoryStore::addLockSample(const QString &systemIdentifier, const LockSnapshot &snapshot)
{
    if (snapshot.edges.empty()) {
        bool anyOpen = false;
        TIDEMARK_CHECK(m_store->read([&](SQLite::Database &db) {
            Statement open(db, "SELECT 1 FROM lock_episode WHERE server_id = ? AND ended = 0 LIMIT 1");
            anyOpen = open.bind(findServerId(db, systemIdentifier)).next();
        }));
        if (!anyOpen)
            return {};
    }
    return m_store->write([&](SQLite::Database &db) {
        SampleWriter(db, makeServerId(db, systemIdentifier), snapshot.takenAt).write(snapshot);
    });
}

Result<std::vector<LockEpisode>> HistoryStore::lockEpisodes(const QString &systemIdentifier, const TimeRange &range,
                                                            int limit) const
{
    std::vector<LockEpisode> found;
    TIDEMARK_CHECK(m_store->read([&](SQLite::Database &db) {
        Statement rows(db,
                       selectEpisodes("e.id IN (SELECT id FROM lock_episode WHERE server_id = ? AND last_seen_at >= ? "
                                      "AND first_seen_at <= ? ORDER BY last_seen_at DESC LIMIT ?)"));
        rows.bind(findServerId(db, systemIdentifier), range.from, range.to, limit);
        while (rows.next())
            found.push_back(readEpisode(rows));
    }));
    return found;
}

Result<qint64> HistoryStore::countLockEpisodes(const QString &systemIdentifier, const TimeRange &range) const
{
    qint64 count = 0;
    TIDEMARK_CHECK(m_store->read([&](SQLite::Database &db) {
        Statement row(
            db, "SELECT count(*) FROM lock_episode WHERE server_id = ? AND last_seen_at >= ? AND first_seen_at <= ?");
        if (row.bind(findServerId(db, systemIdentifier), range.from, range.to).next())
            count = row.integer(0);
    }));
    return count;
}

Result<LockSnapshot> HistoryStore::locksAt(const QString &systemIdentifier, Instant at) const
{
    TIDEMARK_TRY(const auto episodes, lockEpisodes(systemIdentifier, {at, at}));
    LockSnapshot snapshot;
    snapshot.takenAt = at;
    std::map<BackendKey, int> indexes;
    const auto indexOf = [&](const LockParty &party) {
        const auto [found, isNew] = indexes.try_emplace(backendKey(party), static_cast<int>(snapshot.parties.size()));
        if (isNew) {
            snapshot.parties.push_back(party);
        } else if (LockParty &known = snapshot.parties[static_cast<std::size_t>(found->second)];
                   known.object.isEmpty() && !party.object.isEmpty()) {
            // Seen first as a blocker only; the row that waits tells more.
            const QString held = party.heldMode.isEmpty() ? known.heldMode : party.heldMode;
            known = party;
            known.heldMode = held;
        }
        return found->second;
    };
    std::set<int> waiters;
    for (const LockEpisode &episode : episodes) {
        const int waiter = indexOf(episode.waiter);
        waiters.insert(waiter);
        snapshot.edges.push_back({waiter, indexOf(episode.blocker), episode.soft});
    }
    snapshot.waiterCount = static_cast<int>(waiters.size());
    return snapshot;
}

} // namespace tidemark

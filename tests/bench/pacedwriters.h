// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/pause.h"
#include "tests/bench/scenes.h"
#include "tests/support/testdatabase.h"

#include <QRandomGenerator>

#include <atomic>
#include <thread>

namespace tidemark::bench {

/// Clients that write to public.plays at a steady rate: half inserts, four of ten updates, one of ten deletes, one
/// statement a transaction. Who was kept waiting catches up, so that a stall shows as one long statement, not as a lower rate.
class PacedWriters
{
public:
    PacedWriters(const test::TestDatabase &database, int clients, int perSecond, qint64 rows)
        : m_since(std::chrono::steady_clock::now())
    {
        for (int client = 0; client < clients; ++client) {
            m_threads.emplace_back(
                [this, &database, rows, interval = std::chrono::microseconds(1'000'000LL * clients / perSecond)](
                    std::stop_token stop) { write(database.open(), rows, interval, stop); });
        }
    }

    /// Of any statement since the last reset().
    [[nodiscard]] Millis longest() const { return Millis((m_longest.load() + 999) / 1'000); }
    [[nodiscard]] double perSecond() const
    {
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - m_since;
        return double(m_count.load()) / passed.count();
    }
    void reset()
    {
        m_longest = 0;
        m_count = 0;
        m_since = std::chrono::steady_clock::now();
    }

private:
    void write(pg::Session session, qint64 rows, std::chrono::microseconds interval, const std::stop_token &stop)
    {
        QRandomGenerator random(QRandomGenerator::global()->generate());
        const QByteArray insert =
            "INSERT INTO public.plays (user_id, track, seconds, note) VALUES ($1::int, gen_random_uuid(), "
            "$2::int, 'written')";
        const QByteArray update = "UPDATE public.plays SET seconds = $2::int WHERE id = $1::int8";
        const QByteArray remove = "DELETE FROM public.plays WHERE id = $1::int8 AND seconds <> $2::int";
        pg::CallOptions patient;
        patient.deadline = std::chrono::minutes(10);
        auto next = std::chrono::steady_clock::now();
        while (!stop.stop_requested()) {
            next += interval;
            const int kind = random.bounded(10);
            const bool isInsert = kind < 5;
            const pg::Params values{isInsert ? qint64(random.bounded(50'000))
                                             : qint64(random.bounded(double(rows))) + 1,
                                    random.bounded(300)};
            const auto begun = std::chrono::steady_clock::now();
            const auto written = session.exec(isInsert ? insert : kind < 9 ? update : remove, values, patient);
            if (!written && written.error().kind != ErrorKind::Conflict)
                qFatal("%s", qUtf8Printable(written.error().summary()));
            const qint64 took =
                std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun).count();
            qint64 known = m_longest.load();
            while (took > known && !m_longest.compare_exchange_weak(known, took)) {}
            ++m_count;
            std::this_thread::sleep_until(next);
        }
    }

    std::atomic<qint64> m_longest = 0; ///< microseconds
    std::atomic<qint64> m_count = 0;
    std::chrono::steady_clock::time_point m_since;
    std::vector<std::jthread> m_threads;
};

} // namespace tidemark::bench

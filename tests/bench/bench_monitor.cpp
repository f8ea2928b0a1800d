// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/databaseticker.h"
#include "core/monitor/standardcollectors.h"
#include "core/pg/sqllibrary.h"
#include "tests/bench/scenes.h"
#include "tests/support/testserver.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTextStream>

#include <algorithm>
#include <cstdio>

using namespace tidemark;
using namespace tidemark::bench;

// What watching a large database costs it: 10,000 partitions and 1,000 materialized views. The floor, in the same run, is
// what the same queries take one at a time by EXPLAIN ANALYZE, which leaves out parsing, planning, transfer and us.

namespace {

struct Asked
{
    QString id;
    pg::Params params;
};

/// Passes a collector on and writes down which queries it asked for.
class Recorder final : public Collector
{
public:
    Recorder(std::unique_ptr<Collector> inner, std::vector<Asked> &asked)
        : m_inner(std::move(inner))
        , m_asked(asked)
    {
    }
    [[nodiscard]] QString name() const override { return m_inner->name(); }
    [[nodiscard]] bool usesFeed() const override { return m_inner->usesFeed(); }
    [[nodiscard]] bool isUrgent() const override { return m_inner->isUrgent(); }
    [[nodiscard]] bool addsToOthers() const override { return m_inner->addsToOthers(); }
    [[nodiscard]] std::vector<TickQuery> plan(const TickContext &context) override
    {
        return noted(m_inner->plan(context));
    }
    [[nodiscard]] std::vector<TickQuery> followUp(const TickContext &context) override
    {
        return noted(m_inner->followUp(context));
    }
    void publish(const TickContext &context, DatabaseSnapshot &snapshot) override
    {
        m_inner->publish(context, snapshot);
    }
    void sessionLost() override { m_inner->sessionLost(); }

private:
    std::vector<TickQuery> noted(std::vector<TickQuery> queries)
    {
        for (const TickQuery &query : queries)
            m_asked.push_back({query.id, query.params});
        return queries;
    }

    std::unique_ptr<Collector> m_inner;
    std::vector<Asked> &m_asked;
};

void check(const Status &status, const char *what)
{
    if (!status)
        qFatal("%s: %s", what, qUtf8Printable(status.error().summary()));
}

/// The execution time of one query alone, the smaller of three.
double floorMs(pg::Session &session, const Asked &asked)
{
    const pg::SqlQuery &query = pg::SqlLibrary::builtIn().query(asked.id, session.serverVersion());
    double best = -1;
    for (int i = 0; i < 3; ++i) {
        const auto explained = session.exec("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + query.sql, asked.params);
        if (!explained)
            qFatal("%s has no floor: %s", qUtf8Printable(asked.id), qUtf8Printable(explained.error().summary()));
        const auto plan = QJsonDocument::fromJson(explained->bytes(0, 0)).array().at(0).toObject();
        const double ms = plan.value(QStringLiteral("Execution Time")).toDouble();
        best = best < 0 ? ms : std::min(best, ms);
    }
    return best;
}

double totalFloorMs(pg::Session &session, const std::vector<Asked> &asked)
{
    double total = 0;
    for (const Asked &each : asked)
        total += floorMs(session, each);
    return total;
}

double percentile(std::vector<double> values, double part)
{
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

} // namespace

int main(int argc, char *argv[])
{
    const QCoreApplication application(argc, argv);
    QTextStream out(stdout);
    const int partitions = argc > 1 ? QByteArray(argv[1]).toInt() : 10'000;
    const int views = argc > 2 ? QByteArray(argv[2]).toInt() : 1'000;

    test::ClusterOptions options;
    options.settings = {{QStringLiteral("max_locks_per_transaction"), QStringLiteral("1024")}};
    test::TestCluster cluster(options);
    check(cluster.start(), "starting a cluster");
    auto writer = pg::Session::open(cluster.connInfo(), test::writable());
    if (!writer)
        qFatal("%s", qUtf8Printable(writer.error().summary()));
    out << "making " << partitions << " partitions and " << views << " materialized views …" << Qt::endl;
    makeLargeDatabase(*writer, partitions, views);

    const SystemClock clock;
    auto store = LocalStore::inMemory();
    const auto history = std::make_shared<HistoryStore>(*store);
    std::vector<Asked> asked{{QStringLiteral("server/feed"), {nullptr}}};
    Collectors collectors;
    for (auto &collector : standardCollectors(history)({}))
        collectors.push_back(std::make_unique<Recorder>(std::move(collector), asked));
    DatabaseTicker ticker(cluster.connInfo(), std::move(collectors), clock, QStringLiteral("tidemark-bench"));

    const Millis interval(2000);
    check(ticker.tick(interval), "the first tick");
    const std::vector<Asked> askedFirst = asked;
    const Overhead first = ticker.snapshot()->overhead;
    const auto refreshables = ticker.snapshot()->freshness ? ticker.snapshot()->freshness->refreshables.size() : 0;
    out << "structure: " << refreshables << " refreshables, "
        << (ticker.snapshot()->partitions ? ticker.snapshot()->partitions->tables.size() : 0) << " partitioned tables"
        << Qt::endl;
    for (const auto &error : ticker.snapshot()->errors)
        out << "error: " << error.summary() << Qt::endl;

    // Let statistics settle and the slices go round, then measure with a writer that moves a little each tick.
    for (int i = 0; i < 30; ++i)
        check(ticker.tick(interval), "settling");
    std::vector<double> serverMs;
    std::vector<double> bytes;
    std::vector<double> trips;
    std::vector<std::vector<Asked>> askedSteady;
    constexpr int ticks = 200;
    for (int i = 0; i < ticks; ++i) {
        run(*writer,
            QStringLiteral(
                "UPDATE public.source SET value = value + 1 WHERE id = %1; INSERT INTO public.event VALUES (%1, "
                "timestamptz '2000-01-01Z' + %1 * interval '1 day', 1)")
                .arg(i + 1)
                .toUtf8());
        if (i % 20 == 0)
            run(*writer, QStringLiteral("REFRESH MATERIALIZED VIEW public.view_%1").arg(i + 1).toUtf8());
        asked = {{QStringLiteral("server/feed"), {static_cast<quint32>(1'000'000'000)}}};
        check(ticker.tick(interval), "a steady tick");
        const Overhead overhead = ticker.snapshot()->overhead;
        serverMs.push_back(overhead.lastTickServerMs);
        bytes.push_back(static_cast<double>(overhead.lastTickBytes));
        trips.push_back(overhead.roundTrips);
        askedSteady.push_back(asked);
    }

    auto reader = pg::Session::open(cluster.connInfo());
    const double firstFloor = totalFloorMs(*reader, askedFirst);
    std::vector<double> steadyFloors;
    for (int i = 0; i < ticks; i += 20)
        steadyFloors.push_back(totalFloorMs(*reader, askedSteady[static_cast<std::size_t>(i)]));
    const double steadyFloor = percentile(steadyFloors, 0.5);

    const double steadyMedian = percentile(serverMs, 0.5);
    out.setRealNumberNotation(QTextStream::FixedNotation);
    out.setRealNumberPrecision(2);
    out << "first tick : server " << first.lastTickServerMs << " ms, floor of its queries " << firstFloor
        << " ms, ratio " << first.lastTickServerMs / firstFloor << "; " << first.lastTickBytes << " bytes, "
        << first.roundTrips << " round trips\n";
    for (const Asked &each : askedFirst)
        out << "    " << each.id << " " << floorMs(*reader, each) << " ms\n";
    out << "steady tick: server " << steadyMedian << " ms (p95 " << percentile(serverMs, 0.95)
        << "), floor of its queries " << steadyFloor << " ms, ratio " << steadyMedian / steadyFloor << "; "
        << percentile(bytes, 0.5) << " bytes (p95 " << percentile(bytes, 0.95) << "), " << percentile(trips, 0.5)
        << " round trips (p95 " << percentile(trips, 0.95) << ")\n";
    for (const Asked &each : askedSteady[1])
        out << "    " << each.id << " " << floorMs(*reader, each) << " ms\n";
    bool reached = true;
    const auto verdict = [&](const char *what, double value, double limit) {
        reached = reached && value <= limit;
        out << (value <= limit ? "reached " : "MISSED  ") << what << ": " << value << " against " << limit << "\n";
    };
    verdict("steady tick, server ms", steadyMedian, 15);
    verdict("steady tick, bytes", percentile(bytes, 0.5), 50'000);
    verdict("steady tick, round trips", percentile(trips, 0.5), 1);
    verdict("first structure, server ms", first.lastTickServerMs, 150);
    return reached ? 0 : 1;
}

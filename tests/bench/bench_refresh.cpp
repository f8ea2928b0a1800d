// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/managed/deltarefresh.h"
#include "core/plan/toolkit.h"
#include "tests/support/testserver.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QTextStream>

#include <algorithm>

// A managed table brought up to date after 1 % of its rows' sources changed, by their keys and by comparing all of it, against
// REFRESH MATERIALIZED VIEW CONCURRENTLY of the same query after the same changes: time and WAL. Medians of rounds in turn.

using namespace tidemark;
using namespace tidemark::test;
using managed::DeltaScope;

namespace {

constexpr int rounds = 3;
constexpr double markByKeys = 10;
constexpr double markInFull = 1.5;

pg::CallOptions patient()
{
    pg::CallOptions call;
    call.deadline = std::chrono::minutes(10);
    return call;
}

struct Cost
{
    double ms = 0;
    double walBytes = 0;
};

Cost median(std::vector<Cost> costs)
{
    const auto middle = [&](auto member) {
        std::vector<double> values;
        for (const Cost &cost : costs)
            values.push_back(cost.*member);
        std::sort(values.begin(), values.end());
        return values[values.size() / 2];
    };
    return {middle(&Cost::ms), middle(&Cost::walBytes)};
}

/// Work on a server, what it took and what it wrote.
class Scene
{
public:
    explicit Scene(TestDatabase &database, int rows)
        : m_database(database)
        , m_session(database.open())
        , m_rows(rows)
    {
        const QByteArray count = QByteArray::number(rows);
        run("SET search_path = public; SET max_parallel_workers_per_gather TO DEFAULT");
        run("CREATE TABLE account (id int PRIMARY KEY, name text NOT NULL, region int NOT NULL, opened date NOT NULL);"
            "CREATE TABLE entry (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account_id int NOT NULL, amount numeric "
            "NOT NULL, at timestamptz NOT NULL);"
            "INSERT INTO account SELECT g, 'Account number ' || g, g % 50, date '2020-01-01' + g % 2000 FROM generate_series(1, "
            + count + ") AS g; INSERT INTO entry (account_id, amount, at) SELECT 1 + (g::bigint * 7919) % " + count
            + ", (g % 1000) / 10.0, timestamptz '2026-01-01' + g * interval '1 second' FROM generate_series(1, 2 * "
            + count
            + ") AS g; CREATE INDEX ON entry (account_id);"
              "CREATE VIEW balance_def AS SELECT a.id, a.name, a.region, a.opened, count(e.id) AS entries, sum(e.amount) AS "
              "balance, max(e.at) AS last_at FROM account AS a LEFT JOIN entry AS e ON e.account_id = a.id GROUP BY a.id;"
              "CREATE MATERIALIZED VIEW balance_mv AS SELECT a.id, a.name, a.region, a.opened, count(e.id) AS entries, "
              "sum(e.amount) AS balance, max(e.at) AS last_at FROM account AS a LEFT JOIN entry AS e ON e.account_id = a.id "
              "GROUP BY a.id; CREATE UNIQUE INDEX ON balance_mv (id); CREATE INDEX ON balance_mv (region);"
              "CREATE TABLE balance AS SELECT * FROM balance_def; ALTER TABLE balance ADD PRIMARY KEY (id);"
              "CREATE INDEX ON balance (region)");
        run("VACUUM (FREEZE, ANALYZE)");
        if (!applyToolkit(m_session, QStringLiteral("managed"), true))
            qFatal("the toolkit's part could not be installed");
        run("INSERT INTO tidemark.managed_table (relation, definition, key_columns) VALUES ('balance', 'balance_def', '{id}')");
    }

    /// A hundredth of the accounts get another balance: which.
    QStringList change()
    {
        m_offset = (m_offset + 37) % 100;
        const QByteArray which = " % 100 = " + QByteArray::number(m_offset);
        run("UPDATE entry SET amount = amount + 1 WHERE account_id" + which);
        run("CHECKPOINT");
        QStringList keys;
        for (int id = m_offset == 0 ? 100 : m_offset; id <= m_rows; id += 100)
            keys << QString::number(id);
        return keys;
    }

    template<typename Work>
    Cost measure(Work work)
    {
        const QString before = m_database.value("SELECT pg_current_wal_insert_lsn()");
        QElapsedTimer timer;
        timer.start();
        work();
        const double ms = double(timer.nsecsElapsed()) / 1e6;
        return {ms, m_database.value("SELECT pg_current_wal_insert_lsn() - '" + before.toUtf8() + "'").toDouble()};
    }

    Cost refreshView()
    {
        return measure([&] { run("REFRESH MATERIALIZED VIEW CONCURRENTLY balance_mv"); });
    }
    Cost refreshTable(const DeltaScope &scope)
    {
        return measure([&] {
            const auto outcome = managed::refreshManaged(
                m_session, {QStringLiteral("public"), QStringLiteral("balance")}, scope, {}, patient());
            if (!outcome)
                qFatal("%s", describe(outcome.error()).constData());
            m_touched = outcome->updated;
        });
    }
    [[nodiscard]] qint64 touched() const { return m_touched; }
    [[nodiscard]] bool isEqual()
    {
        return m_database.value(
                   "SELECT count(*) FROM (SELECT * FROM balance EXCEPT ALL SELECT * FROM balance_def) AS d")
               == QLatin1String("0");
    }

private:
    void run(const QByteArray &sql)
    {
        if (const auto done = m_session.execScript(sql, patient()); !done)
            qFatal("%s", describe(done.error()).constData());
    }

    TestDatabase &m_database;
    pg::Session m_session;
    int m_rows;
    int m_offset = 0;
    qint64 m_touched = 0;
};

DeltaScope scopeOf(const QStringList &ids)
{
    std::vector<std::vector<std::optional<QString>>> values;
    for (const QString &id : ids)
        values.push_back({id});
    return DeltaScope::keys({QStringLiteral("id")}, values);
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication app(argc, argv);
    QTextStream out(stdout);
    const int rows = app.arguments().value(1, QStringLiteral("1000000")).toInt();
    ClusterOptions options;
    options.settings = {{QStringLiteral("shared_buffers"), QStringLiteral("1GB")},
                        {QStringLiteral("max_wal_size"), QStringLiteral("8GB")},
                        {QStringLiteral("autovacuum"), QStringLiteral("off")}};
    TestCluster cluster(options);
    if (const Status started = cluster.start(); !started)
        qFatal("%s", describe(started.error()).constData());
    TestDatabase database(cluster.connInfo());
    Scene scene(database, rows);
    out << rows << " rows, of which 1 % changed; medians of " << rounds << " rounds, PostgreSQL 15\n" << Qt::flush;

    std::vector<Cost> viewOne;
    std::vector<Cost> viewTwo;
    std::vector<Cost> byKeys;
    std::vector<Cost> inFull;
    for (int round = 0; round < rounds; ++round) {
        const QStringList keys = scene.change();
        byKeys.push_back(scene.refreshTable(scopeOf(keys)));
        viewOne.push_back(scene.refreshView());
        static_cast<void>(scene.change());
        inFull.push_back(scene.refreshTable({}));
        viewTwo.push_back(scene.refreshView());
    }
    const bool isEqual = scene.isEqual();
    const auto tell = [&](const char *what, const Cost &cost) {
        out << QString::fromUtf8(what).leftJustified(44) << QString::number(cost.ms, 'f', 0).rightJustified(8) << " ms "
            << QString::number(cost.walBytes / 1024 / 1024, 'f', 1).rightJustified(8) << " MB WAL\n";
    };
    bool reached = isEqual;
    const auto compare = [&](const char *what, const Cost &view, const Cost &table, double mark) {
        const double ratio = view.ms / table.ms;
        out << QString::fromUtf8(what).leftJustified(44) << QString::number(ratio, 'f', 1).rightJustified(8)
            << " times, " << QString::number(table.walBytes / view.walBytes, 'f', 2) << " of its WAL; mark " << mark
            << " times" << (ratio >= mark ? "\n" : ": MISSED\n");
        reached = reached && ratio >= mark;
    };
    tell("REFRESH … CONCURRENTLY, beside keys", median(viewOne));
    tell("delta refresh by keys", median(byKeys));
    tell("REFRESH … CONCURRENTLY, beside full", median(viewTwo));
    tell("delta refresh, all compared", median(inFull));
    compare("by keys faster", median(viewOne), median(byKeys), markByKeys);
    compare("all compared faster", median(viewTwo), median(inFull), markInFull);
    out << "WAL a changed row: " << qint64(median(byKeys).walBytes / std::max<double>(1, double(scene.touched())))
        << " bytes by keys\n"
        << (isEqual ? "equal to its definition\n" : "NOT equal to its definition\n");
    return reached ? 0 : 1;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/tablewriters.h"

#include "core/base/pause.h"
#include "core/pg/transaction.h"
#include "tests/support/testserver.h"

namespace tidemark::test {

namespace {

using Steady = std::chrono::steady_clock;

constexpr const char *isolations[] = {"", "", "", "ISOLATION LEVEL REPEATABLE READ", "ISOLATION LEVEL SERIALIZABLE"};

QString timestampOf(QRandomGenerator &random)
{
    return QStringLiteral("2026-%1-%2 %3:00:00+00")
        .arg(1 + random.bounded(12), 2, 10, QLatin1Char('0'))
        .arg(1 + random.bounded(28), 2, 10, QLatin1Char('0'))
        .arg(random.bounded(24), 2, 10, QLatin1Char('0'));
}

} // namespace

/// One client: its session, its keys, and what they hold.
class TableWriters::Writer
{
public:
    Writer(pg::Session session, int number, int writers, quint32 seed)
        : m_session(std::move(session))
        , m_random(seed + quint32(number) * 7919)
        , m_next(1'000'000 + number)
        , m_stride(writers)
    {
    }

    pg::Session &session() { return m_session; }
    QRandomGenerator &random() { return m_random; }
    Content &content() { return m_content; }
    qint64 newKey() { return m_next += m_stride; }
    std::optional<qint64> anyKey(const Content &content)
    {
        if (content.empty())
            return std::nullopt;
        auto at = content.lower_bound(m_random.bounded(m_next));
        return (at == content.end() ? content.begin() : at)->first;
    }
    QString note()
    {
        const int kind = m_random.bounded(10);
        if (kind == 0)
            return {}; // NULL
        return kind == 1 ? QString(6000, QLatin1Char('x')) + QString::number(m_random.generate())
                         : QStringLiteral("n%1").arg(m_random.generate());
    }

private:
    pg::Session m_session;
    QRandomGenerator m_random;
    Content m_content;
    qint64 m_next;
    int m_stride;
};

namespace {

/// One change, on the server and in what is expected.
Status change(pg::Session &session, TableWriters::Content &content, QRandomGenerator &random,
              const std::function<qint64()> &newKey, const std::optional<qint64> &key, const QString &note,
              bool mayMove)
{
    const auto run = [&](const char *sql, const pg::Params &params) {
        return session.exec(sql, params).map([](const pg::ResultSet &) {});
    };
    const pg::Param noteParam = note.isNull() ? pg::Param(nullptr) : pg::Param(note);
    const int kind = key ? random.bounded(12) : 0;
    if (kind < 4) {
        const qint64 id = newKey();
        const TableWriters::Row row{timestampOf(random), note, 1};
        TIDEMARK_CHECK(
            run("INSERT INTO public.plays (id, at, note, n) VALUES ($1, $2, $3, 1)", {id, row.at, noteParam}));
        content[id] = row;
    } else if (kind < 6) {
        TIDEMARK_CHECK(run("UPDATE public.plays SET note = $2, n = n + 1 WHERE id = $1", {*key, noteParam}));
        content[*key].note = note;
        ++content[*key].n;
    } else if (kind < 8 && mayMove) { // into another partition
        const QString at = timestampOf(random);
        TIDEMARK_CHECK(run("UPDATE public.plays SET at = $2 WHERE id = $1", {*key, at}));
        content[*key].at = at;
    } else if (kind < 9) { // another key
        const qint64 id = newKey();
        TIDEMARK_CHECK(run("UPDATE public.plays SET id = $2 WHERE id = $1", {*key, id}));
        content[id] = content[*key];
        content.erase(*key);
    } else if (kind == 9) { // gone and back within one transaction
        TIDEMARK_CHECK(run("DELETE FROM public.plays WHERE id = $1", {*key}));
        TIDEMARK_CHECK(
            run("INSERT INTO public.plays (id, at, note, n) VALUES ($1, '2026-06-06 06:00:00+00', NULL, 9)", {*key}));
        content[*key] = {QStringLiteral("2026-06-06 06:00:00+00"), {}, 9};
    } else {
        TIDEMARK_CHECK(run("DELETE FROM public.plays WHERE id = $1", {*key}));
        content.erase(*key);
    }
    return {};
}

} // namespace

TableWriters::TableWriters(const TestDatabase &database, quint32 seed, int writers, const Habits &habits)
    : m_habits(habits)
{
    for (int number = 0; number < writers; ++number)
        m_writers.push_back(std::make_unique<Writer>(database.open(), number, writers, seed));
    // What is there already is dealt out by key.
    TestDatabase &readable = const_cast<TestDatabase &>(database);
    for (const auto &[id, row] : content(readable))
        m_writers.at(size_t(id % writers))->content()[id] = row;
    for (const auto &writer : m_writers)
        m_threads.emplace_back([this, &writer](std::stop_token stop) { write(*writer, std::move(stop)); });
}

TableWriters::~TableWriters()
{
    stop();
}

void TableWriters::stop()
{
    for (std::jthread &thread : m_threads)
        thread.request_stop();
    m_threads.clear();
}

void TableWriters::truncate(Writer &writer)
{
    const std::unique_lock alone(m_truncating);
    const auto truncated = writer.session().exec("TRUNCATE public.plays");
    if (!truncated && truncated.error().kind == ErrorKind::Conflict)
        return;
    if (!truncated) {
        const std::lock_guard lock(m_mutex);
        m_errors << QString::fromUtf8(describe(truncated.error()));
        return;
    }
    for (const auto &each : m_writers)
        each->content().clear();
}

void TableWriters::write(Writer &writer, std::stop_token stop)
{
    QRandomGenerator &random = writer.random();
    while (!stop.stop_requested()) {
        if (m_habits.truncate && random.bounded(200) == 0)
            truncate(writer);
        if (m_habits.replicate && random.bounded(20) == 0)
            static_cast<void>(writer.session().exec(random.bounded(2) == 0 ? "SET session_replication_role = replica"
                                                                           : "SET session_replication_role = origin"));
        const std::shared_lock together(m_truncating);
        Content after = writer.content();
        const bool isLong = random.bounded(40) == 0;
        const bool rollsBack = random.bounded(10) == 0;
        const int changes = 1 + (random.bounded(4) == 0 ? random.bounded(30) : 0);
        const auto done = [&]() -> Status {
            TIDEMARK_TRY(pg::Transaction transaction,
                         pg::Transaction::begin(writer.session(), isolations[random.bounded(5)]));
            for (int number = 0; number < changes; ++number) {
                const auto begun = Steady::now();
                TIDEMARK_CHECK(change(
                    writer.session(), after, random, [&] { return writer.newKey(); }, writer.anyKey(after),
                    writer.note(), m_habits.move));
                const auto took = std::chrono::duration_cast<Millis>(Steady::now() - begun).count();
                if (took > m_longestMs)
                    m_longestMs = took;
            }
            if (isLong)
                static_cast<void>(pauseFor(Millis(random.bounded(400)), stop));
            if (rollsBack)
                return {}; // the destructor does it
            return transaction.commit();
        }();
        ++m_transactions;
        if (done && !rollsBack) {
            writer.content() = std::move(after);
        } else if (!done && done.error().kind != ErrorKind::Conflict) {
            const std::lock_guard lock(m_mutex);
            m_errors << QString::fromUtf8(describe(done.error()));
            return;
        }
    }
}

TableWriters::Content TableWriters::expected() const
{
    Content all;
    for (const auto &writer : m_writers)
        all.insert(writer->content().begin(), writer->content().end());
    return all;
}

TableWriters::Content TableWriters::content(TestDatabase &database, const char *table)
{
    pg::Session session = database.open();
    const auto rows = session.exec(QByteArray("SELECT id, at::text, note, n FROM ") + table);
    if (!rows)
        qFatal("%s", describe(rows.error()).constData());
    Content content;
    for (int row = 0; row < rows->rowCount(); ++row) {
        const bool isNew = content
                               .emplace(rows->int64(row, 0),
                                        Row{rows->text(row, 1), rows->isNull(row, 2) ? QString() : rows->text(row, 2),
                                            rows->int32(row, 3)})
                               .second;
        if (!isNew)
            content[-rows->int64(row, 0)] = {}; // twice: shows as a key that nobody expects
    }
    return content;
}

QString TableWriters::difference(const Content &is, const Content &shouldBe)
{
    for (const auto &[id, row] : shouldBe) {
        const auto found = is.find(id);
        if (found == is.end())
            return QStringLiteral("row %1 is lost").arg(id);
        if (!(found->second == row))
            return QStringLiteral("row %1 is (%2, %3, %4) and should be (%5, %6, %7)")
                .arg(id)
                .arg(found->second.at, found->second.note.left(20))
                .arg(found->second.n)
                .arg(row.at, row.note.left(20))
                .arg(row.n);
    }
    for (const auto &[id, row] : is) {
        if (!shouldBe.contains(id))
            return QStringLiteral("row %1 should not be there").arg(id);
    }
    return {};
}

QStringList TableWriters::errors() const
{
    const std::lock_guard lock(m_mutex);
    return m_errors;
}

} // namespace tidemark::test

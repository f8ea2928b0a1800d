// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/capturescene.h"

#include "core/capture/capturesql.h"
#include "core/pg/transaction.h"
#include "tests/support/testserver.h"

namespace tidemark::test {

CaptureScene::CaptureScene(TestDatabase &database, pg::QualifiedName source, pg::QualifiedName target,
                           pg::SessionOptions driver)
    : m_database(database)
    , m_options(std::move(driver))
{
    m_capture.source = std::move(source);
    m_spec.target = std::move(target);
}

void CaptureScene::fail(const Error &error, const char *doing)
{
    m_failed = true;
    QTest::qFail((QByteArray(doing) + ": " + describe(error)).constData(), __FILE__, __LINE__);
}

pg::Session &CaptureScene::driver()
{
    if (!m_driver || !m_driver->isAlive())
        m_driver.emplace(m_database.open(m_options));
    return *m_driver;
}

void CaptureScene::run(const QStringList &statements)
{
    if (const Status done = tryRun(statements); !done)
        fail(done.error(), "changing the capture");
}

Status CaptureScene::tryRun(const QStringList &statements)
{
    TIDEMARK_TRY(auto transaction, pg::Transaction::begin(driver()));
    for (const QString &statement : statements) {
        TIDEMARK_TRY([[maybe_unused]] const auto done, transaction.exec(statement.toUtf8()));
    }
    return transaction.commit();
}

void CaptureScene::prepare(const QStringList &key, std::optional<CaptureFlavour> flavour)
{
    static int number = 0;
    const auto spec = readCaptureSpec(driver(), m_capture.source, QStringLiteral("capture_%1").arg(++number), key);
    if (!spec)
        return fail(spec.error(), "reading the key");
    m_capture = *spec;
    if (flavour)
        m_capture.flavour = *flavour;
    const auto columns = readRowColumns(driver(), m_capture.source);
    if (!columns)
        return fail(columns.error(), "reading columns");
    m_spec.capture = m_capture;
    m_spec.columns = namesOf(*columns);
    run({QStringLiteral("CREATE SCHEMA IF NOT EXISTS tidemark")});
    run(capturesql::install(m_capture));
}

void CaptureScene::install(const QStringList &key, std::optional<CaptureFlavour> flavour)
{
    prepare(key, flavour);
    run(capturesql::enable(m_capture));
}

qint64 CaptureScene::pages()
{
    const auto rows = driver().exec(
        "SELECT pg_catalog.pg_relation_size($1::pg_catalog.regclass) / pg_catalog.current_setting('block_size')::int8",
        {m_capture.source.quoted()});
    if (!rows) {
        fail(rows.error(), "counting pages");
        return 0;
    }
    return rows->int64(0, 0);
}

QByteArray CaptureScene::copyPages(qint64 from, qint64 to) const
{
    const QString columns = capturesql::columnList(m_spec.columns);
    return QStringLiteral("INSERT INTO %1 (%2) OVERRIDING SYSTEM VALUE SELECT %2 FROM %3"
                          " WHERE ctid >= '(%4,0)'::pg_catalog.tid AND ctid < '(%5,0)'::pg_catalog.tid")
        .arg(m_spec.target.quoted(), columns, m_capture.source.quoted(), QString::number(from), QString::number(to))
        .toUtf8();
}

void CaptureScene::copy(qint64 pagesAtOnce)
{
    for (qint64 from = 0, all = pages(); from < all && !m_failed; from += pagesAtOnce) {
        if (const auto copied = driver().exec(copyPages(from, from + pagesAtOnce)); !copied)
            fail(copied.error(), "copying");
    }
}

void CaptureScene::purge()
{
    if (const Status purged = tryRun(capturesql::purge(m_capture, m_spec.target)); !purged)
        fail(purged.error(), "purging");
}

void CaptureScene::reconcileAll(qint64 entries)
{
    Reconciler reconciler = this->reconciler();
    for (int batch = 0; batch < 1000; ++batch) {
        const auto done = reconciler.step(entries);
        if (!done)
            return fail(done.error(), "reconciling");
        if (done->entries == 0 && done->truncations == 0)
            return;
    }
    fail(Error::internal(QStringLiteral("the log does not get empty")), "reconciling");
}

qint64 CaptureScene::pending()
{
    const auto lag = reconciler().lag();
    if (!lag) {
        fail(lag.error(), "reading the lag");
        return -1;
    }
    return lag->pending + lag->truncations;
}

QByteArray CaptureScene::differenceSql() const
{
    const QString columns = capturesql::columnList(m_spec.columns);
    return QStringLiteral("WITH s AS (SELECT ROW(%1)::text AS row FROM %2), t AS (SELECT ROW(%1)::text AS row FROM %3) "
                          "SELECT pg_catalog.string_agg(d.side || d.row, E'\\n') FROM ("
                          "SELECT 'missing: ' AS side, row FROM (TABLE s EXCEPT ALL TABLE t) AS m UNION ALL "
                          "SELECT 'surplus: ', row FROM (TABLE t EXCEPT ALL TABLE s) AS m LIMIT 20) AS d")
        .arg(columns, m_capture.source.quoted(), m_spec.target.quoted())
        .toUtf8();
}

QString CaptureScene::difference()
{
    const auto rows = driver().exec(differenceSql());
    if (!rows) {
        fail(rows.error(), "comparing");
        return QStringLiteral("?");
    }
    return rows->text(0, 0);
}

QString CaptureScene::differenceAfterDrain()
{
    const auto difference = tryDifferenceAfterDrain();
    if (!difference) {
        fail(difference.error(), "draining");
        return QStringLiteral("?");
    }
    return *difference;
}

Result<QString> CaptureScene::tryDifferenceAfterDrain()
{
    TIDEMARK_TRY(auto transaction, pg::Transaction::begin(driver()));
    const QByteArray lock = "LOCK TABLE " + m_capture.source.quoted().toUtf8() + " IN ACCESS EXCLUSIVE MODE";
    TIDEMARK_TRY([[maybe_unused]] const auto locked, transaction.exec(lock));
    TIDEMARK_TRY([[maybe_unused]] const auto drained, reconciler().drain(transaction));
    TIDEMARK_TRY(const auto rows, transaction.exec(differenceSql()));
    TIDEMARK_TRY(const auto left, transaction.exec("SELECT FROM " + m_capture.log().quoted().toUtf8()));
    TIDEMARK_CHECK(transaction.commit());
    return left.isEmpty() ? rows.text(0, 0) : QStringLiteral("entries are left in the log");
}

} // namespace tidemark::test

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"

#include <QSet>
#include <QTest>

using namespace tidemark;

class TstError : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sqlStatesFallIntoTheKindACallerActsOn_data()
    {
        QTest::addColumn<QByteArray>("sqlState");
        QTest::addColumn<ErrorKind>("kind");
        const auto row = [](const char *sqlState, const char *condition, ErrorKind kind) {
            QTest::newRow(condition) << QByteArray(sqlState) << kind;
        };
        row("08006", "connection_failure", ErrorKind::Connection);
        row("08P01", "protocol_violation", ErrorKind::Connection);
        row("0A000", "feature_not_supported", ErrorKind::Unsupported);
        row("23505", "unique_violation", ErrorKind::Constraint);
        row("23P01", "exclusion_violation", ErrorKind::Constraint);
        row("25006", "read_only_sql_transaction", ErrorKind::Safety);
        row("28000", "invalid_authorization_specification", ErrorKind::Authentication);
        row("28P01", "invalid_password", ErrorKind::Authentication);
        row("3D000", "invalid_catalog_name", ErrorKind::Missing);
        row("3F000", "invalid_schema_name", ErrorKind::Missing);
        row("40001", "serialization_failure", ErrorKind::Conflict);
        row("40003", "statement_completion_unknown", ErrorKind::InDoubt);
        row("40P01", "deadlock_detected", ErrorKind::Conflict);
        row("42501", "insufficient_privilege", ErrorKind::Permission);
        row("42703", "undefined_column", ErrorKind::Missing);
        row("42704", "undefined_object", ErrorKind::Missing);
        row("42883", "undefined_function", ErrorKind::Missing);
        row("42P01", "undefined_table", ErrorKind::Missing);
        row("44000", "with_check_option_violation", ErrorKind::Constraint);
        row("53300", "too_many_connections", ErrorKind::Connection);
        row("55P03", "lock_not_available", ErrorKind::LockTimeout);
        row("57014", "query_canceled", ErrorKind::Cancelled);
        row("57P01", "admin_shutdown", ErrorKind::Connection);
        row("57P03", "cannot_connect_now", ErrorKind::Connection);
        row("57P05", "idle_session_timeout", ErrorKind::Connection);
        row("XX000", "internal_error", ErrorKind::Internal);
        row("", "no SQLSTATE", ErrorKind::Internal);
    }

    void sqlStatesFallIntoTheKindACallerActsOn()
    {
        QFETCH(const QByteArray, sqlState);
        QFETCH(const ErrorKind, kind);
        QCOMPARE(errorKindName(errorKindOfSqlState(sqlState)), errorKindName(kind));
    }

    void aSummaryIsOneLineWhateverTheServerSaid()
    {
        Error error;
        error.message = QStringLiteral("could not connect\n\tIs it there?\r\n\n  Try again\n");
        QCOMPARE(error.within(QStringLiteral("watching \"a\nb\"")).summary(),
                 QStringLiteral("watching \"a; b\": could not connect; Is it there?; Try again"));
        QCOMPARE(oneLine(QString::fromUtf8("a\u2028b  c")), QStringLiteral("a; b  c"));
    }

    void everyKindHasAWordOfItsOwn()
    {
        QSet<QString> words;
        for (int kind = 0; kind <= static_cast<int>(ErrorKind::Internal); ++kind)
            words << errorKindName(static_cast<ErrorKind>(kind));
        QCOMPARE(words.size(), static_cast<int>(ErrorKind::Internal) + 1);
        QCOMPARE(errorKindName(ErrorKind::LockTimeout), QStringLiteral("lock_timeout"));
    }

    void theTextReadsFromTheOutsideIn()
    {
        const Error error = Error::missing(QStringLiteral("relation \"x\" does not exist"))
                                .within(QStringLiteral("reading partitions"))
                                .within(QStringLiteral("watching prod-eu"));
        QCOMPARE(error.summary(),
                 QStringLiteral("watching prod-eu: reading partitions: relation \"x\" does not exist"));
        QCOMPARE(error.message, QStringLiteral("relation \"x\" does not exist"));
    }

    void tryHandsTheErrorToTheCallerAndTheValueOn()
    {
        const auto twice = [](const Result<int> &given) -> Result<int> {
            TIDEMARK_TRY(const int value, given);
            return value * 2;
        };
        QCOMPARE(*twice(21), 42);
        const auto failed = twice(fail(Error::input(QStringLiteral("no number"))));
        QVERIFY(!failed);
        QCOMPARE(failed.error().message, QStringLiteral("no number"));
    }

    void checkGoesOnAfterSuccessOnly()
    {
        bool reached = false;
        const auto run = [&](const Status &step) -> Status {
            TIDEMARK_CHECK(step);
            reached = true;
            return {};
        };
        QVERIFY(!run(fail(Error::cancelled())));
        QVERIFY(!reached);
        QVERIFY(run({}));
        QVERIFY(reached);
    }
};

QTEST_GUILESS_MAIN(TstError)
#include "tst_error.moc"

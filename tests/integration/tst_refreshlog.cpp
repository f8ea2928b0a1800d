// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/refreshlog.h"
#include "tests/support/standingclock.h"
#include "tests/support/testserver.h"

using namespace tidemark;
using namespace tidemark::test;

using Change = RefreshLog::Change;
using Presence = RefreshLogState::Presence;

class TstRefreshLog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_history = std::make_shared<HistoryStore>(LocalStore::inMemory().value());
        m_profile = {};
        m_profile.name = QStringLiteral("here");
        m_profile.safety = Safety::Confirm;
    }

    void installingAndRemovingIsSeenInTheCatalogueOnEveryVersion_data()
    {
        QTest::addColumn<QString>("server");
        for (const QString &name : plainServerNames())
            QTest::newRow(qPrintable(name)) << name;
    }

    void installingAndRemovingIsSeenInTheCatalogueOnEveryVersion()
    {
        QFETCH(const QString, server);
        TIDEMARK_REQUIRE_SERVER(server.toUtf8());
        TestDatabase database(server);
        database.exec("CREATE MATERIALIZED VIEW public.mv AS SELECT 1 AS one");
        pg::Session session = database.open();
        const auto before = RefreshLog::state(session);
        QVERIFY_RESULT(before);
        QCOMPARE(before->presence, Presence::Absent);
        QVERIFY(before->isSuperuser);
        QVERIFY(!before->entries);

        const RefreshLog log = action();
        const auto installed = log.perform(session, Change::Install, {true, {}});
        QVERIFY_RESULT(installed);
        QCOMPARE(installed->presence, Presence::Installed);
        QCOMPARE(installed->entries, std::optional<qint64>(0));
        database.exec("REFRESH MATERIALIZED VIEW public.mv");
        const auto used = RefreshLog::state(session);
        QVERIFY_RESULT(used);
        QCOMPARE(used->entries, std::optional<qint64>(1));
        QVERIFY(used->oldest && used->newest && *used->oldest <= *used->newest);
        const auto twice = log.perform(session, Change::Install, {true, {}});
        QVERIFY(!twice);
        QCOMPARE(twice.error().kind, ErrorKind::Input);

        const auto removed = log.perform(session, Change::Remove, {true, {}});
        QVERIFY_RESULT(removed);
        QCOMPARE(removed->presence, Presence::Absent);
        QCOMPARE(database.value("SELECT count(*) FROM pg_namespace WHERE nspname = 'tidemark'"), QStringLiteral("0"));
        database.exec("REFRESH MATERIALIZED VIEW public.mv");

        const auto audit = m_history->audit(10);
        QVERIFY_RESULT(audit);
        QCOMPARE(audit->size(), 4U);
        QCOMPARE(audit->front().outcome, QStringLiteral("done"));
        QCOMPARE(audit->back().outcome, QStringLiteral("begun"));
        QCOMPARE(audit->back().statement, RefreshLog::script(Change::Install));
        QCOMPARE(audit->back().database, database.name());
    }

    void aReadOnlyProfileRefusesAndNothingIsTouched()
    {
        TestDatabase database;
        pg::Session session = database.open();
        m_profile.safety = Safety::ReadOnly;
        const auto refused = action().perform(session, Change::Install, {true, {}});
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Safety);
        QCOMPARE(RefreshLog::state(session)->presence, Presence::Absent);
        QVERIFY(m_history->audit(10)->empty());
    }

    void onProductionTheNameOfTheDatabaseIsTyped()
    {
        TestDatabase database;
        pg::Session session = database.open();
        m_profile.environment = Environment::Production;
        QCOMPARE(action().confirmation(Change::Install, database.name()).typedWord, database.name());
        for (const Confirmation &answer : {Confirmation{false, {}}, Confirmation{true, QStringLiteral("plays")}}) {
            const auto refused = action().perform(session, Change::Install, answer);
            QVERIFY(!refused);
            QCOMPARE(refused.error().kind, ErrorKind::Safety);
        }
        QVERIFY_RESULT(action().perform(session, Change::Install, {true, database.name()}));
    }

    void withoutAnAuditNothingRuns()
    {
        TestDatabase database;
        pg::Session session = database.open();
        const auto refused = RefreshLog(m_profile, nullptr, m_clock).perform(session, Change::Install, {true, {}});
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Local);
        QCOMPARE(RefreshLog::state(session)->presence, Presence::Absent);
    }

    void whoIsNoSuperuserIsToldSo()
    {
        TestDatabase database;
        const QString role = QStringLiteral("weak_") + database.name();
        const QByteArray quoted = pg::quoteIdentifier(role).toUtf8();
        database.exec("CREATE ROLE " + quoted + " LOGIN");
        {
            auto session = pg::Session::open(database.conn().with(QStringLiteral("user"), role), writable());
            QVERIFY_RESULT(session);
            const auto refused = action().perform(*session, Change::Install, {true, {}});
            QVERIFY(!refused);
            QCOMPARE(refused.error().kind, ErrorKind::Permission);
            QVERIFY(refused.error().hint.contains(QStringLiteral("superuser")));
        }
        database.exec("DROP ROLE " + quoted);
    }

    void aDisabledTriggerAndAHalfRemovedLogAreSeen()
    {
        TestDatabase database;
        pg::Session session = database.open();
        QVERIFY_RESULT(action().perform(session, Change::Install, {true, {}}));
        database.exec("ALTER EVENT TRIGGER tidemark_refresh_end DISABLE");
        QCOMPARE(RefreshLog::state(session)->presence, Presence::SwitchedOff);
        database.exec("DROP EVENT TRIGGER tidemark_refresh_end");
        QCOMPARE(RefreshLog::state(session)->presence, Presence::Partial);
        QCOMPARE(action().perform(session, Change::Install, {true, {}}).error().kind, ErrorKind::Input);
        const auto removed = action().perform(session, Change::Remove, {true, {}});
        QVERIFY_RESULT(removed);
        QCOMPARE(removed->presence, Presence::Absent);
    }

private:
    [[nodiscard]] RefreshLog action() const { return {m_profile, m_history, m_clock}; }

    StandingClock m_clock;
    Profile m_profile;
    std::shared_ptr<HistoryStore> m_history;
};

QTEST_GUILESS_MAIN(TstRefreshLog)
#include "tst_refreshlog.moc"

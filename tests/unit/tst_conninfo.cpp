// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/conninfo.h"

#include <QTest>

using namespace tidemark;
using pg::ConnInfo;

class TstConnInfo : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyFormOfPsqlIsRead_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QStringList>("expected"); // keyword=value, sorted
        const auto row = [](const char *text, const QStringList &expected) {
            QTest::newRow(text) << QString::fromUtf8(text) << expected;
        };
        row("", {});
        row("plays", {QStringLiteral("dbname=plays")});
        row("host=db.example port=5433 dbname=plays",
            {QStringLiteral("dbname=plays"), QStringLiteral("host=db.example"), QStringLiteral("port=5433")});
        row("service=prod", {QStringLiteral("service=prod")});
        row("dbname='we''ird' user='a b'", {});
        row("dbname='we\\'ird' user='a b'", {QStringLiteral("dbname=we'ird"), QStringLiteral("user=a b")});
        row("postgresql://dba@db.example:5433/plays?sslmode=verify-full",
            {QStringLiteral("dbname=plays"), QStringLiteral("host=db.example"), QStringLiteral("port=5433"),
             QStringLiteral("sslmode=verify-full"), QStringLiteral("user=dba")});
        row("postgres://one:1,two:2/plays?target_session_attrs=read-write",
            {QStringLiteral("dbname=plays"), QStringLiteral("host=one,two"), QStringLiteral("port=1,2"),
             QStringLiteral("target_session_attrs=read-write")});
        row("postgresql://%2Fvar%2Frun%2Fpostgresql/n%C3%A4me%20x",
            {QStringLiteral("dbname=näme x"), QStringLiteral("host=/var/run/postgresql")});
        row("postgresql://[::1]:5433/", {QStringLiteral("host=::1"), QStringLiteral("port=5433")});
    }

    void everyFormOfPsqlIsRead()
    {
        QFETCH(const QString, text);
        QFETCH(const QStringList, expected);
        const auto info = ConnInfo::parse(text);
        if (!info) {
            QVERIFY2(expected.isEmpty(), qPrintable(info.error().summary()));
            return;
        }
        QStringList found;
        for (const auto &[keyword, value] : info->keywords())
            found << keyword + QLatin1Char('=') + value;
        found.sort();
        QCOMPARE(found, expected);
    }

    void whatIsWrongIsNamed_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("named");
        QTest::newRow("unknown keyword") << QStringLiteral("hots=db.example") << QStringLiteral("hots");
        QTest::newRow("unknown parameter of a URI")
            << QStringLiteral("postgresql://h/d?sslmod=require") << QStringLiteral("sslmod");
        QTest::newRow("open quote") << QStringLiteral("dbname='plays") << QStringLiteral("quot");
        QTest::newRow("bad percent") << QStringLiteral("postgresql://h/%zz") << QStringLiteral("%zz");
    }

    void whatIsWrongIsNamed()
    {
        QFETCH(const QString, text);
        QFETCH(const QString, named);
        const auto info = ConnInfo::parse(text);
        QVERIFY(!info);
        QCOMPARE(errorKindName(info.error().kind), QStringLiteral("input"));
        QVERIFY2(info.error().message.contains(named), qPrintable(info.error().message));
        QVERIFY(!info.error().hint.isEmpty());
    }

    void aPasswordThatEndsTheUriTooEarlyIsNotPrinted_data()
    {
        QTest::addColumn<QString>("text");
        for (const char *text :
             {"postgresql://dba:hun@ter2@h/d", "postgresql://dba:hun@ter2@h:5432/d?sslmode=disable",
              "postgresql://dba:hunter2/x@h/d", "postgres://dba:hunter2?x@h/d", "postgres://dba:hunter2#x@h/d"})
            QTest::newRow(text) << QString::fromLatin1(text);
    }

    void aPasswordThatEndsTheUriTooEarlyIsNotPrinted()
    {
        QFETCH(QString, text);
        const auto info = ConnInfo::parse(text);
        QVERIFY(!info);
        QCOMPARE(errorKindName(info.error().kind), QStringLiteral("input"));
        QVERIFY2(!info.error().summary().contains(QLatin1String("ter2")), qPrintable(info.error().summary()));
        QVERIFY(info.error().hint.contains(QLatin1String("%40")));
    }

    void aUriWithNothingLooseIsTaken_data()
    {
        QTest::addColumn<QString>("text");
        for (const char *text : {"postgresql://dba:hun%40ter2@h/d", "postgresql://h1:5432,h2:5433/d",
                                 "postgresql://[2001:db8::1]:5432/d", "postgresql://h/d%40x", "postgresql://",
                                 "postgresql://h/d@x", "postgresql://u:p@[::1]/d?options=-c%20a%3Db"})
            QTest::newRow(text) << QString::fromLatin1(text);
    }

    void aUriWithNothingLooseIsTaken()
    {
        QFETCH(QString, text);
        const auto info = ConnInfo::parse(text);
        QVERIFY2(info, info ? "" : qPrintable(info.error().summary()));
    }

    void passwordsNeverLeaveIt()
    {
        const auto info = ConnInfo::parse(QStringLiteral("postgresql://dba:hunter2@h/d?sslpassword=hunter3&user=dba"));
        QVERIFY(info);
        QCOMPARE(info->value(QStringLiteral("password")), QStringLiteral("hunter2"));
        for (const QString &shown : {info->withoutPassword(), info->display()})
            QVERIFY2(!shown.contains(QLatin1String("hunter")), qPrintable(shown));
    }

    void whatItWritesItReadsBack()
    {
        const ConnInfo info = ConnInfo()
                                  .with(QStringLiteral("host"), QStringLiteral("/tmp/a b"))
                                  .with(QStringLiteral("dbname"), QStringLiteral("we'ird\\ =\"näme"))
                                  .with(QStringLiteral("application_name"), QStringLiteral(" 'x' "));
        const auto read = ConnInfo::parse(info.withoutPassword());
        QVERIFY(read);
        for (const auto &[keyword, value] : info.keywords())
            QCOMPARE(read->value(keyword), value);
        QCOMPARE(read->keywords().size(), info.keywords().size());
    }

    void aKeywordChangesInACopy()
    {
        const ConnInfo info =
            ConnInfo().with(QStringLiteral("host"), QStringLiteral("h")).withDatabase(QStringLiteral("one"));
        QCOMPARE(info.withDatabase(QStringLiteral("two")).value(QStringLiteral("dbname")), QStringLiteral("two"));
        QCOMPARE(info.value(QStringLiteral("dbname")), QStringLiteral("one"));
        QCOMPARE(info.with(QStringLiteral("dbname"), {}), ConnInfo().with(QStringLiteral("host"), QStringLiteral("h")));
    }

    void peopleSeeWhereItLeads_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("shown");
        QTest::newRow("nothing given") << QString() << QStringLiteral("local");
        QTest::newRow("database") << QStringLiteral("plays") << QStringLiteral("local/plays");
        QTest::newRow("service") << QStringLiteral("service=prod") << QStringLiteral("service prod");
        QTest::newRow("host and port") << QStringLiteral("host=h port=5433 dbname=d") << QStringLiteral("h:5433/d");
        QTest::newRow("address") << QStringLiteral("hostaddr=10.0.0.1") << QStringLiteral("10.0.0.1");
    }

    void peopleSeeWhereItLeads()
    {
        QFETCH(const QString, text);
        QFETCH(const QString, shown);
        QCOMPARE(ConnInfo::parse(text)->display(), shown);
    }
};

QTEST_GUILESS_MAIN(TstConnInfo)
#include "tst_conninfo.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/refreshcommands.h"

#include <QRegularExpression>
#include <QTest>

using namespace tidemark;

class TstRefreshCommands : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void statementsAreFoundInText_data();
    void statementsAreFoundInText();
    void functionsAreFollowedOnce();
    void onlyOneRefreshAndNothingElseIsSingle();
    void aNameMeansTheUsersSchemaThenPublic();
};

void TstRefreshCommands::statementsAreFoundInText_data()
{
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("found"); // "name" or "concurrently name", by comma
    const auto row = [](const char *sql, const char *found) {
        QTest::newRow(*sql ? sql : "nothing") << QString::fromUtf8(sql) << QString::fromUtf8(found);
    };
    row("", "");
    row("SELECT 1", "");
    row("REFRESH MATERIALIZED VIEW plays", "plays");
    row("refresh  materialized\n view concurrently public.plays with data;", "concurrently public.plays");
    row("REFRESH MATERIALIZED VIEW PUBLIC.Plays", "public.plays");
    row("REFRESH MATERIALIZED VIEW \"we\"\"ird; drop\".\"Plays\"", "\"we\"\"ird; drop\".\"Plays\"");
    row("REFRESH MATERIALIZED VIEW größe", "\"größe\"");
    row("BEGIN; REFRESH MATERIALIZED VIEW a; REFRESH MATERIALIZED VIEW CONCURRENTLY b; COMMIT", "a,concurrently b");
    row("EXECUTE format('REFRESH MATERIALIZED VIEW %I', name)", "");
    row("REFRESH MATERIALIZED VIEW", "");
    row("CALL public.refresh_continuous_aggregate('public.\"Hour ly\"', NULL, NULL)", "public.\"Hour ly\"");
    row("call refresh_continuous_aggregate( continuous_aggregate => 'hourly'::regclass, NULL, now())", "hourly");
    row("CALL refresh_continuous_aggregate(name, NULL, NULL)", "");
}

void TstRefreshCommands::statementsAreFoundInText()
{
    QFETCH(const QString, sql);
    QFETCH(const QString, found);
    QStringList told;
    for (const RefreshStatement &statement : refreshStatementsIn(sql))
        told << (statement.concurrently ? QStringLiteral("concurrently ") : QString())
                    + statement.name.display().remove(QRegularExpression(QStringLiteral("^(\"\")?\\.")));
    QCOMPARE(told.join(QLatin1Char(',')), found);
}

void TstRefreshCommands::functionsAreFollowedOnce()
{
    const QString p = QStringLiteral("public");
    RefreshCommands commands;
    commands.setFunctions(
        {{{p, QStringLiteral("outer_one")}, QStringLiteral("PERFORM inner_one(); REFRESH MATERIALIZED VIEW a;")},
         {{p, QStringLiteral("inner_one")}, QStringLiteral("PERFORM outer_one(); REFRESH MATERIALIZED VIEW b;")},
         {{p, QStringLiteral("one")}, QStringLiteral("REFRESH MATERIALIZED VIEW c")}});
    QCOMPARE(commands.refreshesOf(QStringLiteral("SELECT public.outer_one()")).size(), std::size_t(2));
    QCOMPARE(commands.refreshesOf(QStringLiteral("CALL \"one\"()")).size(), std::size_t(1));
    QVERIFY(commands.refreshesOf(QStringLiteral("SELECT another_one(1)")).empty());
    QVERIFY(commands.refreshesOf(QStringLiteral("SELECT one FROM t")).empty());
}

void TstRefreshCommands::onlyOneRefreshAndNothingElseIsSingle()
{
    QVERIFY(RefreshCommands::isSingleRefresh(QStringLiteral(" refresh materialized view a ;\n")));
    QVERIFY(!RefreshCommands::isSingleRefresh(QStringLiteral("REFRESH MATERIALIZED VIEW a; SELECT 1")));
    QVERIFY(!RefreshCommands::isSingleRefresh(QStringLiteral("SELECT refresh_all()")));
    QVERIFY(RefreshCommands::isSingleRefresh(
        QStringLiteral("CALL public.refresh_continuous_aggregate('hourly', NULL, NULL);")));
}

void TstRefreshCommands::aNameMeansTheUsersSchemaThenPublic()
{
    const auto name = [](const char *schema, const char *view) {
        return pg::QualifiedName{QString::fromLatin1(schema), QString::fromLatin1(view)};
    };
    const std::vector<pg::QualifiedName> views{name("app", "a"), name("public", "a"), name("x", "b"), name("y", "b"),
                                               name("x", "c")};
    const QString app = QStringLiteral("app");
    QCOMPARE(resolveView(name("", "a"), views, app), name("app", "a"));
    QCOMPARE(resolveView(name("", "a"), views, QStringLiteral("other")), name("public", "a"));
    QCOMPARE(resolveView(name("public", "a"), views, app), name("public", "a"));
    QCOMPARE(resolveView(name("", "b"), views, app), pg::QualifiedName());
    QCOMPARE(resolveView(name("", "c"), views, app), name("x", "c"));
}

QTEST_APPLESS_MAIN(TstRefreshCommands)
#include "tst_refreshcommands.moc"

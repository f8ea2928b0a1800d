// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/refresh/refreshrecord.h"

#include <QTest>

using namespace tidemark;
using namespace tidemark::refresh;

namespace {

RefreshCandidate view(bool populated, std::optional<int> index)
{
    RefreshCandidate candidate;
    candidate.name = {QStringLiteral("public"), QStringLiteral("a \"view\"'s")};
    candidate.owner = QStringLiteral("anna");
    candidate.populated = populated;
    candidate.concurrently = concurrentEligibility(populated, index);
    return candidate;
}

RefreshSpec spec(Way way, bool acceptsLock = false)
{
    RefreshSpec asked;
    asked.way = way;
    asked.acceptsLock = acceptsLock;
    return asked;
}

pg::Capabilities withExtensions()
{
    pg::Capabilities capabilities;
    capabilities.extensionSchemas.insert(QStringLiteral("timescaledb"), QStringLiteral("ts"));
    capabilities.extensionSchemas.insert(QStringLiteral("pg_ivm"), QStringLiteral("pgivm"));
    return capabilities;
}

} // namespace

/// Concurrently or plain, and why; the statements as whole text.
class TstRefreshChoice : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readersGoOnWhereThatIsPossible()
    {
        const auto choice = choose(view(true, 0), spec(Way::Automatic));
        QCOMPARE(choice.method, Method::Concurrently);
        QVERIFY(!choice.locksReadersOut && choice.obstacle.isEmpty());
        QCOMPARE(choice.lock, std::optional(LockMode::Exclusive));
    }

    void whatHoldsNoDataIsRefreshedPlainAndNobodyNeedsToAcceptIt()
    {
        const auto choice = choose(view(false, 0), spec(Way::Automatic));
        QCOMPARE(choice.method, Method::Plain);
        QVERIFY2(choice.obstacle.isEmpty(), qPrintable(choice.obstacle));
        QVERIFY(!choice.locksReadersOut);
        QCOMPARE(choice.lock, std::optional(LockMode::AccessExclusive));
        QVERIFY2(choice.because.contains(QLatin1String("holds no data")), qPrintable(choice.because));
    }

    void readersAreLockedOutOnlyWhenThatIsAccepted()
    {
        const auto refused = choose(view(true, std::nullopt), spec(Way::Automatic));
        QVERIFY(refused.needsAcceptance);
        QVERIFY2(refused.obstacle.contains(QLatin1String("it has no unique index")), qPrintable(refused.obstacle));
        const auto accepted = choose(view(true, std::nullopt), spec(Way::Automatic, true));
        QVERIFY(accepted.obstacle.isEmpty() && accepted.locksReadersOut && !accepted.needsAcceptance);
        QCOMPARE(accepted.method, Method::Plain);
        const auto asked = choose(view(true, 0), spec(Way::Plain));
        QVERIFY(asked.obstacle.isEmpty() && asked.locksReadersOut);
        QCOMPARE(asked.method, Method::Plain);
        QCOMPARE(asked.because, QStringLiteral("asked for"));
    }

    void concurrentlyOrNotAtAll()
    {
        const auto choice = choose(view(true, 3), spec(Way::Concurrently, true));
        QVERIFY2(choice.obstacle.contains(QLatin1String("partial")), qPrintable(choice.obstacle));
        QVERIFY(!choice.needsAcceptance);
        QVERIFY(!choose(view(false, 0), spec(Way::Concurrently)).obstacle.isEmpty());
    }

    void whoseItIsNotIsTold()
    {
        RefreshCandidate foreign = view(true, std::nullopt);
        foreign.mayRefresh = false;
        const auto choice = choose(foreign, spec(Way::Automatic));
        QVERIFY2(choice.obstacle.contains(QLatin1String("anna")), qPrintable(choice.obstacle));
        QVERIFY(!choice.needsAcceptance);
    }

    void theStatementsAreWhole()
    {
        const auto statement = [](RefreshableKind kind, Method method, const RefreshSpec &asked) {
            RefreshCandidate candidate = view(true, 0);
            candidate.kind = kind;
            return statementOf(candidate, method, asked, withExtensions());
        };
        using Kind = RefreshableKind;
        RefreshSpec asked;
        QCOMPARE(statement(Kind::MaterializedView, Method::Concurrently, asked),
                 QStringLiteral("REFRESH MATERIALIZED VIEW CONCURRENTLY \"public\".\"a \"\"view\"\"'s\""));
        QCOMPARE(statement(Kind::MaterializedView, Method::Plain, asked),
                 QStringLiteral("REFRESH MATERIALIZED VIEW \"public\".\"a \"\"view\"\"'s\""));
        QCOMPARE(statement(Kind::MaterializedView, Method::NoData, asked),
                 QStringLiteral("REFRESH MATERIALIZED VIEW \"public\".\"a \"\"view\"\"'s\" WITH NO DATA"));
        QCOMPARE(statement(Kind::ContinuousAggregate, Method::Range, asked),
                 QStringLiteral(
                     "CALL \"ts\".\"refresh_continuous_aggregate\"('\"public\".\"a \"\"view\"\"''s\"', NULL, NULL)"));
        asked.from = QStringLiteral("2026-01-01");
        asked.to = QStringLiteral("it's");
        QCOMPARE(
            statement(Kind::ContinuousAggregate, Method::Range, asked),
            QStringLiteral(
                "CALL \"ts\".\"refresh_continuous_aggregate\"('\"public\".\"a \"\"view\"\"''s\"', '2026-01-01', 'it''s')"));
        QCOMPARE(statement(Kind::PgIvmTable, Method::Ivm, asked),
                 QStringLiteral("SELECT \"pgivm\".\"refresh_immv\"('\"public\".\"a \"\"view\"\"''s\"', true)"));
    }

    void theSpecIsReadBackAsItWasWritten()
    {
        RefreshSpec asked;
        asked.names = {{QStringLiteral("s"), QStringLiteral("n")}, {QString(), QStringLiteral("m")}};
        asked.cascade = true;
        asked.way = Way::Plain;
        asked.acceptsLock = true;
        asked.from = QStringLiteral("2026-01-01");
        asked.sessions = 7;
        asked.lockPatience = Millis(1'234);
        asked.statementTimeout = Millis(99);
        const auto read = RefreshSpec::fromJson(asked.toJson());
        QVERIFY(read);
        QCOMPARE(read->toJson(), asked.toJson());
        QVERIFY(*read == asked);
        QVERIFY(!RefreshSpec::fromJson({{QStringLiteral("casacde"), true}}));
        QVERIFY(!RefreshSpec::fromJson({{QStringLiteral("way"), QStringLiteral("somehow")}}));
        QVERIFY(!RefreshSpec::fromJson({{QStringLiteral("sessions"), 0}}));
    }

    void emptyingGoesWithNothingThatReadsIt()
    {
        RefreshSpec asked;
        asked.withNoData = true;
        QVERIFY(asked.check());
        asked.cascade = true;
        QVERIFY(!asked.check());
        asked.cascade = false;
        asked.way = Way::Concurrently;
        QVERIFY(!asked.check());
    }

    void theProfileDecidesWhatIsAsked()
    {
        RefreshPlan plan;
        plan.target.database = QStringLiteral("shop");
        RefreshItem item;
        item.name = {QStringLiteral("public"), QStringLiteral("sales")};
        item.choice = choose(view(true, std::nullopt), spec(Way::Plain));
        plan.items = {item};
        Profile profile;
        profile.name = QStringLiteral("main");
        profile.safety = Safety::ReadOnly;
        const auto refused = confirmationOf(profile, plan);
        QVERIFY(!refused && refused.error().kind == ErrorKind::Safety);
        profile.safety = Safety::Free;
        QVERIFY(!confirmationOf(profile, plan).value());
        plan.spec.withNoData = true; // cannot be undone
        QVERIFY(confirmationOf(profile, plan).value());
        plan.spec.withNoData = false;
        profile.safety = Safety::Confirm;
        const auto asked = confirmationOf(profile, plan).value();
        QVERIFY2(asked->text.contains(QLatin1String("Whoever reads public.sales waits")), qPrintable(asked->text));
        QVERIFY(asked->typedWord.isEmpty());
        profile.environment = Environment::Production;
        QCOMPARE(confirmationOf(profile, plan).value()->typedWord, QStringLiteral("public.sales"));
        plan.items.push_back(item);
        QCOMPARE(confirmationOf(profile, plan).value()->typedWord, QStringLiteral("shop"));
    }
};

QTEST_APPLESS_MAIN(TstRefreshChoice)
#include "tst_refreshchoice.moc"

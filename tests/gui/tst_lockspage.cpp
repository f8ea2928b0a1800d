// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/standardcollectors.h"
#include "core/store/historystore.h"
#include "tests/gui/handmadefeed.h"
#include "tests/support/actor.h"
#include "tests/support/stallwatch.h"
#include "tests/support/testserver.h"
#include "ui/pages/lockspage.h"
#include "ui/services/asyncrunner.h"
#include "ui/services/monitorbridge.h"
#include "ui/services/theme.h"
#include "ui/widgets/datatree.h"
#include "ui/widgets/messagebar.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QPushButton>
#include <QSplitter>
#include <QTest>

#include <csignal>

using namespace tidemark;
using namespace tidemark::ui;
using namespace std::chrono_literals;

namespace {

/// The page on a real server, watched by the real monitor.
struct Watched
{
    SystemClock clock;
    std::shared_ptr<HistoryStore> history = std::make_shared<HistoryStore>(LocalStore::inMemory().value());
    AsyncRunner runner;
    test::AnsweringDialogs dialogs;
    MonitorBridge bridge{clock, standardCollectors(history), {}};
    Profile profile;
    QSplitter window;
    LocksPage *page = nullptr;

    Watched(const test::TestDatabase &database, Safety safety)
    {
        profile.name = QStringLiteral("watched");
        profile.connInfo = database.conn();
        profile.databases = {database.name()};
        profile.environment = Environment::Production;
        profile.safety = safety;
        profile.interval = 1s;
        PageContext context;
        context.clock = &clock;
        context.dialogs = &dialogs;
        context.runner = &runner;
        context.history = history;
        context.accessTo = [this](const QString &) { return ServerAccess{profile, {}}; };
        page = new LocksPage(context);
        window.addWidget(page);
        window.addWidget(page->detailWidget());
        window.resize(1280, 800);
        window.show();
        QObject::connect(&bridge, &MonitorFeed::serverUpdated, page,
                         [this]() { page->setSnapshots(bridge.snapshots()); });
        bridge.watch(profile, {});
    }
    [[nodiscard]] DataTree *tree() const { return page->findChild<DataTree *>(); }
    [[nodiscard]] QPushButton *button(const QString &begin) const
    {
        for (QPushButton *button : page->detailWidget()->findChildren<QPushButton *>()) {
            if (button->accessibleName().startsWith(begin))
                return button;
        }
        return nullptr;
    }
    [[nodiscard]] QString report() const
    {
        for (const MessageBar *bar : page->findChildren<MessageBar *>()) {
            if (bar->isVisible() && !bar->message().startsWith(QStringLiteral("Signalling")))
                return bar->message();
        }
        return {};
    }
};

/// Stops what serves the database's sessions, all but its own, until it goes out of scope.
class FrozenBackends
{
public:
    explicit FrozenBackends(const test::TestDatabase &database)
    {
        pg::Session session = database.open();
        const auto rows = session.exec("SELECT pid FROM pg_catalog.pg_stat_activity WHERE datname = "
                                       "pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid()");
        for (int row = 0; rows && row < rows->rowCount(); ++row) {
            if (::kill(rows->int32(row, 0), SIGSTOP) == 0)
                m_stopped.push_back(rows->int32(row, 0));
        }
    }
    ~FrozenBackends()
    {
        for (const int pid : m_stopped)
            ::kill(pid, SIGCONT);
    }
    FrozenBackends(const FrozenBackends &) = delete;
    FrozenBackends &operator=(const FrozenBackends &) = delete;
    [[nodiscard]] std::size_t count() const { return m_stopped.size(); }

private:
    std::vector<int> m_stopped;
};

} // namespace

class LocksPageTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        applyTheme(*qApp, ThemeChoice::Light);
    }

    void whoWaitsStandsBelowWhoHoldsItUp()
    {
        test::TestDatabase database;
        database.exec("CREATE TABLE public.plays (id int)");
        test::Actor holder(database.open());
        test::Actor waiter(database.open());
        holder.run("BEGIN; LOCK TABLE public.plays IN ACCESS EXCLUSIVE MODE");
        waiter.start("SELECT * FROM public.plays");
        test::StallWatch stalls;
        Watched watched(database, Safety::Confirm);
        QTRY_COMPARE_WITH_TIMEOUT(watched.tree()->model()->rowCount(), 1, 10'000);
        const QAbstractItemModel &model = *watched.tree()->model();
        const QModelIndex root = model.index(0, 0);
        QTRY_COMPARE(model.rowCount(root), 1);
        QCOMPARE(root.siblingAtColumn(LockTreeModel::Pid).data().toInt(), holder.pid());
        QCOMPARE(model.index(0, LockTreeModel::Pid, root).data().toInt(), waiter.pid());
        QVERIFY(watched.tree()->isExpanded(root));
        const QStringList csv = watched.tree()->toCsv().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        QCOMPARE(csv.size(), 3);
        QVERIFY2(csv[0].startsWith(QStringLiteral("depth,who,pid,")), qPrintable(csv[0]));
        QVERIFY(csv[1].startsWith(QLatin1String("0,")) && csv[2].startsWith(QLatin1String("1,")));
        QVERIFY2(csv[2].contains(QString::number(waiter.pid())), qPrintable(csv[2]));
        QCOMPARE(watched.page->trees(), QList<DataTree *>{watched.tree()});
        QVERIFY2(stalls.longest() < 250ms, qPrintable(QString::number(stalls.longest().count())));
        waiter.cancel();
    }

    void terminatingTheRootAsksForItsNameAndFreesTheWaiter()
    {
        test::TestDatabase database;
        database.exec("CREATE TABLE public.plays (id int)");
        auto holder = database.open();
        QVERIFY_RESULT(holder.execScript("BEGIN; LOCK TABLE public.plays IN ACCESS EXCLUSIVE MODE"));
        test::Actor waiter(database.open());
        waiter.start("SELECT * FROM public.plays");
        Watched watched(database, Safety::Confirm);
        QTRY_COMPARE_WITH_TIMEOUT(watched.tree()->model()->rowCount(), 1, 10'000);
        watched.dialogs.answer = true;
        QPushButton *terminate = watched.button(QStringLiteral("Terminate"));
        QTRY_VERIFY(terminate && terminate->isEnabled());
        terminate->setFocus();
        QTest::keyClick(terminate, Qt::Key_Space);
        QCOMPARE(watched.dialogs.asked.size(), 1);
        QVERIFY(!watched.dialogs.lastRequest.typedName.isEmpty());
        QVERIFY(watched.dialogs.lastRequest.statement.contains(QStringLiteral("pg_terminate_backend")));
        QVERIFY_RESULT(waiter.finish());
        QTRY_VERIFY_WITH_TIMEOUT(!watched.report().isEmpty(), 5'000);
        QTRY_VERIFY_WITH_TIMEOUT(!watched.tree()->isVisible(), 10'000); // nobody waits any more
        const auto audit = watched.history->audit(10);
        QVERIFY_RESULT(audit);
        QVERIFY(!audit->empty());
    }

    void aRootThatRunsNoStatementCanOnlyBeTerminated()
    {
        test::TestDatabase database;
        database.exec("CREATE TABLE public.plays (id int)");
        test::Actor holder(database.open());
        test::Actor waiter(database.open());
        holder.run("BEGIN; LOCK TABLE public.plays IN ACCESS EXCLUSIVE MODE");
        waiter.start("SELECT * FROM public.plays");
        Watched watched(database, Safety::Confirm);
        QTRY_COMPARE_WITH_TIMEOUT(watched.tree()->model()->rowCount(), 1, 10'000);
        QPushButton *terminate = watched.button(QStringLiteral("Terminate"));
        QTRY_VERIFY(terminate && terminate->isEnabled());
        QPushButton *cancel = watched.button(QStringLiteral("Cancel"));
        QVERIFY(cancel && !cancel->isEnabled());
        QVERIFY2(cancel->toolTip().contains(QStringLiteral("idle in transaction")), qPrintable(cancel->toolTip()));
        // Who waits does run one.
        const QModelIndex root = watched.tree()->model()->index(0, 0);
        QTRY_COMPARE(watched.tree()->model()->rowCount(root), 1);
        watched.tree()->setCurrentIndex(watched.tree()->model()->index(0, 0, root));
        QTRY_VERIFY(cancel->isEnabled());
        waiter.cancel();
    }

    void aReadOnlyProfileOffersNoActionAndSaysWhy()
    {
        test::TestDatabase database;
        database.exec("CREATE TABLE public.plays (id int)");
        test::Actor holder(database.open());
        test::Actor waiter(database.open());
        holder.run("BEGIN; LOCK TABLE public.plays IN ACCESS EXCLUSIVE MODE");
        waiter.start("SELECT * FROM public.plays");
        Watched watched(database, Safety::ReadOnly);
        QTRY_COMPARE_WITH_TIMEOUT(watched.tree()->model()->rowCount(), 1, 10'000);
        QPushButton *terminate = watched.button(QStringLiteral("Terminate"));
        QTRY_VERIFY(terminate && terminate->isVisible());
        QVERIFY(!terminate->isEnabled());
        QVERIFY(terminate->toolTip().contains(QStringLiteral("read-only")));
        waiter.cancel();
    }

    void theFirstLivePageTakesLessThanASecond()
    {
        test::TestDatabase database;
        QElapsedTimer timer;
        timer.start();
        Watched watched(database, Safety::ReadOnly);
        QTRY_COMPARE_WITH_TIMEOUT(watched.page->state(), Page::State::Live, 5'000);
        qInfo() << "first live page after" << timer.elapsed() << "ms";
        QVERIFY(timer.elapsed() < 1000);
    }

    void unwatchingAServerThatHangsDoesNotHoldTheWindow()
    {
        test::TestDatabase database;
        Watched watched(database, Safety::ReadOnly);
        QTRY_COMPARE_WITH_TIMEOUT(watched.page->state(), Page::State::Live, 5'000);
        const FrozenBackends frozen(database);
        QVERIFY(frozen.count() > 0);
        QTest::qWait(1'500); // the next reading is asked for, and not answered
        const Instant last = watched.bridge.snapshots().first()->takenAt;
        QTest::qWait(1'500);
        QCOMPARE(watched.bridge.snapshots().first()->takenAt, last);
        test::StallWatch stalls;
        watched.bridge.unwatch(QStringLiteral("watched"));
        QVERIFY(watched.bridge.snapshots().isEmpty());
        QTest::qWait(500);
        QVERIFY2(stalls.longest() < 200ms, qPrintable(QString::number(stalls.longest().count())));
    }
};

QTEST_MAIN(LocksPageTest)
#include "tst_lockspage.moc"

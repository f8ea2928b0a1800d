// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gui/handmadefeed.h"
#include "tests/support/stallwatch.h"
#include "ui/mainwindow.h"
#include "ui/pages/freshnesspage.h"
#include "ui/pages/historypage.h"
#include "ui/pages/lockspage.h"
#include "ui/pages/overviewpage.h"
#include "ui/pages/partitionspage.h"
#include "ui/services/asyncrunner.h"
#include "ui/services/recentsamples.h"
#include "ui/services/windowactions.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/datatree.h"
#include "ui/widgets/emptystate.h"
#include "ui/widgets/environmentband.h"
#include "ui/widgets/filterbar.h"
#include "ui/widgets/messagebar.h"
#include "ui/widgets/timebar.h"

#include <QAccessible>
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalSpy>
#include <QTest>

#include <memory>

using namespace tidemark;
using namespace tidemark::ui;
using namespace std::chrono_literals;

namespace {

/// The past as the window asks for it: every server with the locks of then.
class HandMadePast final : public ReplaySource
{
public:
    [[nodiscard]] Result<ServerSnapshotPtr> at(const ServerSnapshot &live, Instant moment) const override
    {
        if (unreadable)
            return fail(Error::local(QStringLiteral("the history file is damaged")));
        ServerSnapshot then = live;
        then.replayed = true;
        then.takenAt = moment;
        then.locks = std::make_shared<const LockSnapshot>(test::chainOfThree(moment));
        return std::make_shared<const ServerSnapshot>(std::move(then));
    }
    [[nodiscard]] Result<std::vector<TimelineMark>> marks(const ServerSnapshot &, const TimeRange &range) const override
    {
        TimelineMark mark;
        mark.kind = TimelineMark::Kind::LockWait;
        mark.from = mark.to = range.to - 1h;
        return std::vector<TimelineMark>{mark};
    }
    bool unreadable = false;
};

Error errorOf(ErrorKind kind, const QString &message, const QString &hint = {})
{
    Error error;
    error.kind = kind;
    error.message = message;
    error.hint = hint;
    return error;
}

struct Desk
{
    test::StandingClock clock;
    test::HandMadeFeed feed;
    test::AnsweringDialogs dialogs;
    test::MemorySettings settings;
    AsyncRunner runner;
    std::shared_ptr<HandMadePast> past = std::make_shared<HandMadePast>();
    Replayer replayer{runner, past};
    RecentSamples samples{feed};
    std::unique_ptr<MainWindow> window;

    void open()
    {
        WindowServices services;
        services.clock = &clock;
        services.feed = &feed;
        services.replayer = &replayer;
        services.settings = &settings;
        window = std::make_unique<MainWindow>(services);
        PageContext context;
        context.clock = &clock;
        context.dialogs = &dialogs;
        context.runner = &runner;
        window->addPage(new OverviewPage(context, samples));
        window->addPage(new FreshnessPage(context));
        window->addPage(new PartitionsPage(context));
        window->addPage(new HistoryPage(context));
        window->addPage(new LocksPage(context));
        window->resize(1280, 800);
        window->show();
        QVERIFY(QTest::qWaitForWindowActive(window.get()));
    }
    [[nodiscard]] Page *page(const QString &id) const
    {
        const QList<Page *> pages = window->pages();
        for (Page *page : pages) {
            if (page->id() == id)
                return page;
        }
        return nullptr;
    }
    [[nodiscard]] QString bannerText() const
    {
        for (const MessageBar *bar : window->findChildren<MessageBar *>()) {
            if (bar->isVisible())
                return bar->message();
        }
        return {};
    }
};

QStringList namelessFocusableWidgets(const QWidget &window)
{
    QStringList nameless;
    for (QWidget *widget : window.findChildren<QWidget *>()) {
        if (widget->focusPolicy() == Qt::NoFocus || !widget->isVisible() || widget->focusProxy())
            continue;
        QAccessibleInterface *spoken = QAccessible::queryAccessibleInterface(widget);
        if (!spoken || spoken->text(QAccessible::Name).trimmed().isEmpty())
            nameless << QStringLiteral("%1 %2 in %3")
                            .arg(QString::fromLatin1(widget->metaObject()->className()), widget->objectName(),
                                 QString::fromLatin1(widget->parentWidget()->metaObject()->className()));
    }
    return nameless;
}

const QComboBox *comboNamed(const QWidget &window, const QString &name)
{
    for (const QComboBox *box : window.findChildren<QComboBox *>()) {
        if (box->accessibleName() == name)
            return box;
    }
    return nullptr;
}

} // namespace

class MainWindowTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        applyTheme(*qApp, ThemeChoice::Light);
        m_desk = std::make_unique<Desk>();
        m_desk->open();
    }
    void cleanup() { m_desk.reset(); }

    void withoutAServerEveryPageOffersToConnect()
    {
        QSignalSpy connects(m_desk->window.get(), &MainWindow::connectRequested);
        for (Page *page : m_desk->window->pages()) {
            m_desk->window->showPage(page->id());
            QCOMPARE(page->state(), Page::State::NoServer);
            auto *button = page->findChild<QPushButton *>(QStringLiteral("emptyAction"));
            QVERIFY(button && button->isVisible());
            button->setFocus();
            QTest::keyClick(button, Qt::Key_Space);
        }
        QCOMPARE(connects.size(), 5);
    }

    void everyPageIsReachedByItsKeys()
    {
        m_desk->feed.publish(test::liveServer(QStringLiteral("prod-eu"), m_desk->clock));
        const QStringList ids{QStringLiteral("overview"), QStringLiteral("freshness"), QStringLiteral("partitions"),
                              QStringLiteral("history"), QStringLiteral("locks")};
        for (int i = 0; i < ids.size(); ++i) {
            QTest::keyClick(m_desk->window.get(), static_cast<Qt::Key>(Qt::Key_1 + i), Qt::ControlModifier);
            QCOMPARE(m_desk->window->currentPage()->id(), ids[i]);
            QVERIFY2(m_desk->window->currentPage()->isVisible(), qPrintable(ids[i]));
        }
    }

    void everyFocusableWidgetHasAName()
    {
        ServerSnapshot server = test::liveServer(QStringLiteral("prod-eu"), m_desk->clock);
        server.locks = std::make_shared<const LockSnapshot>(test::chainOfThree(m_desk->clock.now()));
        m_desk->feed.publish(server);
        m_desk->feed.publish(test::liveServer(QStringLiteral("prod-us"), m_desk->clock));
        for (Page *page : m_desk->window->pages()) {
            m_desk->window->showPage(page->id());
            QTest::qWait(50);
            const QStringList nameless = namelessFocusableWidgets(*m_desk->window);
            QVERIFY2(nameless.isEmpty(),
                     qPrintable(page->id() + QStringLiteral(": ") + nameless.join(QStringLiteral("; "))));
        }
    }

    void connectingIsLoadingThenLive()
    {
        ServerSnapshot server;
        server.name = QStringLiteral("prod-eu");
        m_desk->feed.publish(server);
        m_desk->window->showPage(QStringLiteral("freshness"));
        QCOMPARE(m_desk->page(QStringLiteral("freshness"))->state(), Page::State::Loading);
        m_desk->feed.publish(test::liveServer(QStringLiteral("prod-eu"), m_desk->clock));
        QCOMPARE(m_desk->page(QStringLiteral("freshness"))->state(), Page::State::Live);
    }

    void aServerThatCannotBeReachedSaysWhyAndOffersToRetry()
    {
        ServerSnapshot server;
        server.name = QStringLiteral("prod-eu");
        server.state = WatchState::Failed;
        server.error = errorOf(ErrorKind::Connection, QStringLiteral("connection refused"),
                               QStringLiteral("Is the server running?"));
        m_desk->feed.publish(server);
        m_desk->window->showPage(QStringLiteral("freshness"));
        Page *page = m_desk->page(QStringLiteral("freshness"));
        QCOMPARE(page->state(), Page::State::Failed);
        QSignalSpy retries(m_desk->window.get(), &MainWindow::retryRequested);
        auto *button = page->findChild<QPushButton *>(QStringLiteral("emptyAction"));
        QVERIFY(button->isVisible());
        QTest::keyClick(button, Qt::Key_Space);
        QCOMPARE(retries.size(), 1);
        QCOMPARE(retries[0][0].toString(), QStringLiteral("prod-eu"));
        auto *empty = page->findChild<EmptyState *>();
        QVERIFY(empty->accessibleDescription().contains(QStringLiteral("connection refused")));
        QVERIFY(empty->accessibleDescription().contains(QStringLiteral("Is the server running?")));
    }

    void aServerThatBreaksKeepsWhatWasKnownUnderTheReason()
    {
        ServerSnapshot server = test::liveServer(QStringLiteral("prod-eu"), m_desk->clock);
        m_desk->feed.publish(server);
        m_desk->window->showPage(QStringLiteral("freshness"));
        server.state = WatchState::Failed;
        server.error = errorOf(ErrorKind::Connection,
                               QStringLiteral("terminating connection due to administrator command"));
        m_desk->feed.publish(server);
        Page *page = m_desk->page(QStringLiteral("freshness"));
        QCOMPARE(page->state(), Page::State::Stale);
        QVERIFY(m_desk->bannerText().contains(QStringLiteral("terminating connection")));
        QVERIFY(page->tables().value(0) && page->tables()[0]->proxy()->rowCount() == 6);
    }

    void aDeniedCollectorIsToldOnItsPageAlone()
    {
        ServerSnapshot server = test::liveServer(QStringLiteral("prod-eu"), m_desk->clock);
        auto database = std::make_shared<DatabaseSnapshot>(*server.databases.begin()->second);
        database->errors.insert(QStringLiteral("freshness"),
                                errorOf(ErrorKind::Permission, QStringLiteral("permission denied for schema audit")));
        server.databases[database->name] = database;
        m_desk->feed.publish(server);
        m_desk->window->showPage(QStringLiteral("freshness"));
        QCOMPARE(m_desk->page(QStringLiteral("freshness"))->state(), Page::State::Stale);
        m_desk->window->showPage(QStringLiteral("locks"));
        QCOMPARE(m_desk->page(QStringLiteral("locks"))->state(), Page::State::Live);
    }

    void theFilterIsReachedTypedAndLeftByKeyboard()
    {
        m_desk->feed.publish(test::liveServer(QStringLiteral("prod-eu"), m_desk->clock, 40));
        m_desk->window->showPage(QStringLiteral("freshness"));
        DataTable *table = m_desk->page(QStringLiteral("freshness"))->tables().value(0);
        QVERIFY(table);
        QCOMPARE(table->proxy()->rowCount(), 40);
        QTest::keyClick(m_desk->window.get(), Qt::Key_F, Qt::ControlModifier);
        auto *filter = m_desk->window->findChild<FilterBar *>();
        QVERIFY(filter->hasFocus());
        QTest::keyClicks(filter, QStringLiteral("view_007"));
        QTRY_COMPARE(table->proxy()->rowCount(), 1);
        QTest::keyClick(filter, Qt::Key_Escape);
        QTRY_COMPARE(table->proxy()->rowCount(), 40);
        QTest::keyClick(filter, Qt::Key_Escape);
        QVERIFY(!filter->hasFocus());
    }

    void f6GoesRoundThePanes()
    {
        m_desk->feed.publish(test::liveServer(QStringLiteral("prod-eu"), m_desk->clock));
        m_desk->window->showPage(QStringLiteral("freshness"));
        QSet<QWidget *> seen;
        for (int i = 0; i < 5; ++i) {
            QTest::keyClick(m_desk->window.get(), Qt::Key_F6);
            QVERIFY(QApplication::focusWidget());
            seen.insert(QApplication::focusWidget());
        }
        QCOMPARE(seen.size(), 5);
    }

    void f5ReadsNowAndPauseStopsReading()
    {
        m_desk->feed.publish(test::liveServer(QStringLiteral("prod-eu"), m_desk->clock));
        QTest::keyClick(m_desk->window.get(), Qt::Key_F5);
        QCOMPARE(m_desk->feed.refreshes, 1);
        QTest::keyClick(m_desk->window.get(), Qt::Key_P, Qt::ControlModifier);
        QVERIFY(m_desk->feed.paused);
        QTest::keyClick(m_desk->window.get(), Qt::Key_P, Qt::ControlModifier);
        QVERIFY(!m_desk->feed.paused);
    }

    void copyingTakesTheTreeWhereNoTableIsShown()
    {
        ServerSnapshot server = test::liveServer(QStringLiteral("prod"), m_desk->clock);
        server.locks = std::make_shared<LockSnapshot>(test::chainOfThree(m_desk->clock.now()));
        m_desk->feed.publish(server);
        m_desk->window->showPage(QStringLiteral("locks"));
        QTRY_VERIFY(!m_desk->window->currentPage()->trees().isEmpty());
        QTRY_VERIFY(m_desk->window->currentPage()->trees().first()->currentIndex().isValid());
        QApplication::clipboard()->setText(QStringLiteral("before"));
        m_desk->window->actions()->copy->trigger();
        QVERIFY2(QApplication::clipboard()->text().contains(QStringLiteral("psql")),
                 qPrintable(QApplication::clipboard()->text()));
    }

    void theIntervalShownIsTheOneTheServersAreReadBy()
    {
        ServerSnapshot server = test::liveServer(QStringLiteral("prod"), m_desk->clock);
        server.overhead.interval = 5s;
        m_desk->feed.publish(server);
        const auto *interval = comboNamed(*m_desk->window, QStringLiteral("Interval between readings"));
        QVERIFY(interval);
        QTRY_COMPARE(interval->currentText(), QStringLiteral("every 5 s"));
        server.name = QStringLiteral("test");
        server.overhead.interval = 15s;
        m_desk->feed.publish(server);
        QTRY_COMPARE(interval->currentIndex(), -1); // they differ
        m_desk->window->setScope({QStringLiteral("test"), {}});
        QCOMPARE(interval->currentText(), QStringLiteral("every 15 s"));
    }

    void productionStandsInTheTitleAndTheBand()
    {
        m_desk->feed.publish(test::liveServer(QStringLiteral("prod-eu"), m_desk->clock));
        QVERIFY(m_desk->window->windowTitle().contains(QStringLiteral("Production")));
        const auto *band = m_desk->window->findChild<EnvironmentBand *>();
        QVERIFY(band->isVisible());
        QVERIFY(band->text().contains(QStringLiteral("prod-eu")));
        QVERIFY(band->text().contains(QStringLiteral("PRODUCTION")));
    }

    void theTimeBarReplaysByKeyboardAndEndIsLive()
    {
        m_desk->feed.publish(test::liveServer(QStringLiteral("prod-eu"), m_desk->clock));
        m_desk->window->showPage(QStringLiteral("locks"));
        auto *tree = m_desk->page(QStringLiteral("locks"))->findChild<DataTree *>();
        QVERIFY(!tree->isVisible()); // nobody waits
        auto *track = m_desk->window->findChild<TimeTrack *>();
        track->setFocus();
        QTest::keyClick(track, Qt::Key_Left);
        QTRY_VERIFY(m_desk->window->isReplaying());
        QVERIFY(m_desk->bannerText().startsWith(QStringLiteral("Replaying")));
        QVERIFY(tree->isVisible());
        QCOMPARE(tree->model()->rowCount(), 1);
        // Watching goes on, the page stays in the past.
        m_desk->feed.publish(test::liveServer(QStringLiteral("prod-eu"), m_desk->clock));
        QVERIFY(tree->isVisible());
        QTest::keyClick(track, Qt::Key_End);
        QTRY_VERIFY(!m_desk->window->isReplaying());
        QVERIFY(!tree->isVisible());
        QVERIFY(m_desk->bannerText().isEmpty());
    }

    void aHistoryThatCannotBeReadIsToldInTheBanner()
    {
        m_desk->feed.publish(test::liveServer(QStringLiteral("prod-eu"), m_desk->clock));
        m_desk->past->unreadable = true;
        m_desk->window->replay(m_desk->clock.now() - 1h);
        QTRY_VERIFY(m_desk->bannerText().contains(QStringLiteral("the history file is damaged")));
        QVERIFY(!m_desk->window->isReplaying());
    }

    void aMetricOfACardLeadsToTheThingItNames()
    {
        m_desk->feed.publish(test::liveServer(QStringLiteral("prod-eu"), m_desk->clock));
        m_desk->window->showPage(QStringLiteral("overview"));
        QWidget *metric = m_desk->window->currentPage()->mainWidget();
        QVERIFY(metric->accessibleName().startsWith(QStringLiteral("Freshness")));
        metric->setFocus();
        QTest::keyClick(metric, Qt::Key_Return);
        QCOMPARE(m_desk->window->currentPage()->id(), QStringLiteral("freshness"));
        const auto selected =
            m_desk->page(QStringLiteral("freshness"))->tables()[0]->currentIndex().data(ObjectRole).value<ObjectRef>();
        QCOMPARE(selected.name.name, QStringLiteral("view_003")); // the oldest of the breached
    }

    void aServerThatIsNoLongerWatchedLeavesEveryPage()
    {
        m_desk->feed.publish(test::liveServer(QStringLiteral("prod-eu"), m_desk->clock));
        m_desk->feed.publish(test::liveServer(QStringLiteral("prod-us"), m_desk->clock));
        m_desk->window->setScope({QStringLiteral("prod-us"), {}});
        m_desk->feed.unwatch(QStringLiteral("prod-us"));
        m_desk->window->showPage(QStringLiteral("freshness"));
        QCOMPARE(m_desk->page(QStringLiteral("freshness"))->state(), Page::State::Live);
        m_desk->feed.unwatch(QStringLiteral("prod-eu"));
        QCOMPARE(m_desk->page(QStringLiteral("freshness"))->state(), Page::State::NoServer);
    }

    void theLayoutComesBackAsItWasLeft()
    {
        m_desk->feed.publish(test::liveServer(QStringLiteral("prod-eu"), m_desk->clock));
        m_desk->window->showPage(QStringLiteral("locks"));
        m_desk->window->actions()->detailShown->setChecked(false);
        m_desk->window->close();
        const QHash<QString, QString> kept = m_desk->settings.values;
        m_desk = std::make_unique<Desk>();
        m_desk->settings.values = kept;
        m_desk->open();
        m_desk->window->restoreLayout();
        QCOMPARE(m_desk->window->currentPage()->id(), QStringLiteral("locks"));
        QVERIFY(!m_desk->window->actions()->detailShown->isChecked());
    }

    void aChangeOfThemeRepaintsEveryPage()
    {
        m_desk->feed.publish(test::liveServer(QStringLiteral("prod-eu"), m_desk->clock));
        for (Page *page : m_desk->window->pages()) {
            m_desk->window->showPage(page->id());
            const auto meanLightness = [this]() {
                const QImage picture = m_desk->window->grab().toImage().scaled(1, 1, Qt::IgnoreAspectRatio,
                                                                               Qt::SmoothTransformation);
                return picture.pixelColor(0, 0).lightness();
            };
            applyTheme(*qApp, ThemeChoice::Light);
            QTest::qWait(20);
            const int light = meanLightness();
            applyTheme(*qApp, ThemeChoice::Dark);
            QTest::qWait(20);
            const int dark = meanLightness();
            QVERIFY2(light > 200 && dark < 60,
                     qPrintable(QStringLiteral("%1: %2 and %3").arg(page->id()).arg(light).arg(dark)));
        }
    }

    void aThousandViewsTickingDoNotStallTheWindow()
    {
        m_desk->feed.publish(test::liveServer(QStringLiteral("prod-eu"), m_desk->clock, 1000));
        for (Page *page : m_desk->window->pages()) {
            m_desk->window->showPage(page->id());
            QTest::qWait(300);
            test::StallWatch stalls;
            for (int tick = 0; tick < 10; ++tick) {
                m_desk->clock.at += 2s;
                m_desk->feed.publish(test::liveServer(QStringLiteral("prod-eu"), m_desk->clock, 1000));
                QTest::qWait(30);
            }
            qInfo() << page->id() << "longest stall" << stalls.longest().count() << "ms";
            // A debug build on a busy machine; the benchmark holds the release build to 50 ms.
            QVERIFY2(stalls.longest() < 250ms, qPrintable(page->id()));
        }
    }

private:
    std::unique_ptr<Desk> m_desk;
};

QTEST_MAIN(MainWindowTest)
#include "tst_mainwindow.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/historyrecorder.h"
#include "core/store/historystore.h"
#include "tests/gui/handmadefeed.h"
#include "tests/support/boarddata.h"
#include "ui/dialogs/alertsdialog.h"
#include "ui/widgets/messagebar.h"

#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>

#include <QTest>

using namespace tidemark;
using namespace tidemark::ui;
using namespace std::chrono_literals;

class AlertsDialogTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_store = LocalStore::inMemory().value();
        m_history = std::make_shared<HistoryStore>(m_store);
        m_server = test::demoServer(QStringLiteral("demo"), m_clock.at);
        open();
    }
    void cleanup()
    {
        m_dialog.reset();
        m_runner.reset();
    }

    void theUsualThresholdsStandThereAndAreSavedByKeyboardAlone()
    {
        QCOMPARE(line("blockingLongerThan")->text(), QStringLiteral("30 s"));
        QCOMPARE(line("runwayShorterThan")->text(), QStringLiteral("3 d"));
        QVERIFY(m_dialog->focusWidget());
        // Tab goes from the server over the boxes to the threshold.
        QStringList visited;
        for (int i = 0; i < 12 && m_dialog->focusWidget() != line("blockingLongerThan"); ++i) {
            QTest::keyClick(m_dialog->focusWidget(), Qt::Key_Tab);
            visited << m_dialog->focusWidget()->objectName();
        }
        QVERIFY2(m_dialog->focusWidget() == line("blockingLongerThan"), qPrintable(visited.join(QStringLiteral(", "))));
        QTest::keyClicks(m_dialog->focusWidget(), QStringLiteral("90 s"));
        QTest::keyClick(m_dialog->focusWidget(), Qt::Key_Tab);
        QCOMPARE(m_dialog->focusWidget()->objectName(), QStringLiteral("runway"));
        QTest::keyClick(m_dialog->focusWidget(), Qt::Key_Space);
        QVERIFY(!line("runwayShorterThan")->isEnabled());
        QTest::keyClick(m_dialog->focusWidget(), Qt::Key_Return);
        QTRY_VERIFY(!m_dialog->isVisible());
        const AlertSettings kept = loadAlertSettings(SettingsStore(m_store));
        QCOMPARE(kept.common.blockingLongerThan, std::optional(Millis(90s)));
        QCOMPARE(kept.common.runwayShorterThan, std::optional<Millis>());
        QVERIFY(kept.own.empty());
    }

    void aServerGetsThresholdsOfItsOwnAndATargetForAllItHolds()
    {
        choose(QStringLiteral("demo"));
        QVERIFY(!box("blocking")->isEnabled());
        box("own")->setChecked(true);
        QVERIFY(box("blocking")->isEnabled());
        line("blockingLongerThan")->setText(QStringLiteral("5 s"));
        line("defaultTarget")->setText(QStringLiteral("2 h"));
        choose(QString());
        QCOMPARE(line("blockingLongerThan")->text(), QStringLiteral("30 s"));
        choose(QStringLiteral("demo"));
        QCOMPARE(line("blockingLongerThan")->text(), QStringLiteral("5 s"));
        save()->click();
        QTRY_VERIFY(!m_dialog->isVisible());
        const AlertSettings kept = loadAlertSettings(SettingsStore(m_store));
        QCOMPARE(kept.of(QStringLiteral("demo")).blockingLongerThan, std::optional(Millis(5s)));
        QCOMPARE(kept.common.blockingLongerThan, std::optional(Millis(30s)));
        for (const auto &[name, database] : m_server->databases) {
            const auto targets = m_history->targets({database->capabilities.systemIdentifier, name});
            QCOMPARE(targets->value({}), Millis(2h));
        }
        open();
        choose(QStringLiteral("demo"));
        QCOMPARE(line("defaultTarget")->text(), QStringLiteral("2 h"));
    }

    void whatIsNoLengthOfTimeIsToldWhereItStands()
    {
        choose(QStringLiteral("demo"));
        box("own")->setChecked(true);
        line("runwayShorterThan")->setText(QStringLiteral("soon"));
        choose(QString());
        save()->click();
        QVERIFY(m_dialog->findChild<MessageBar *>()->message().contains(QStringLiteral("soon")));
        QCOMPARE(m_dialog->findChild<QComboBox *>()->currentData().toString(), QStringLiteral("demo"));
        QCOMPARE(m_dialog->focusWidget(), line("runwayShorterThan"));
        QVERIFY(m_dialog->isVisible());
        QVERIFY(loadAlertSettings(SettingsStore(m_store)) == AlertSettings());
    }

    void whatIsSavedHoldsFromTheNextReadingOn()
    {
        HistoryRecorder recorder(m_store, m_clock);
        m_saved = [&recorder](const AlertSettings &rules) { recorder.setRules(rules); };
        ServerSnapshot snapshot = test::liveServer(QStringLiteral("demo"), m_clock);
        const auto database = std::make_shared<DatabaseSnapshot>(*snapshot.databases.begin()->second);
        database->capabilities.systemIdentifier = QStringLiteral("4711");
        snapshot.databases[database->name] = database;
        recorder.record(snapshot);
        QVERIFY(!snapshot.alerts->empty());
        box("freshness")->setChecked(false);
        save()->click();
        QTRY_VERIFY(!m_dialog->isVisible());
        snapshot.takenAt += 2s;
        recorder.record(snapshot);
        QVERIFY(snapshot.alerts->empty());
        m_saved = nullptr;
    }

private:
    void open()
    {
        m_dialog.reset();
        m_runner = std::make_unique<AsyncRunner>();
        AlertsDialogServices services;
        services.runner = m_runner.get();
        services.history = m_history;
        services.servers = {{m_server->name, m_server}};
        services.load = [store = m_store]() { return loadAlertSettings(SettingsStore(store)); };
        services.save = [this](const AlertSettings &rules) {
            SettingsStore settings(m_store);
            const Status saved = saveAlertSettings(settings, rules);
            if (m_saved)
                m_saved(rules);
            return saved;
        };
        m_dialog = std::make_unique<AlertsDialog>(services);
        m_dialog->show();
        QVERIFY(QTest::qWaitForWindowActive(m_dialog.get()));
        QTRY_VERIFY(m_dialog->isEnabled());
    }
    void choose(const QString &server) { m_dialog->selectServer(server); }
    [[nodiscard]] QLineEdit *line(const char *name) const
    {
        return m_dialog->findChild<QLineEdit *>(QLatin1String(name));
    }
    [[nodiscard]] QCheckBox *box(const char *name) const
    {
        return m_dialog->findChild<QCheckBox *>(QLatin1String(name));
    }
    [[nodiscard]] QPushButton *save() const
    {
        for (QPushButton *button : m_dialog->findChildren<QPushButton *>()) {
            if (button->isDefault())
                return button;
        }
        return nullptr;
    }

    test::StandingClock m_clock;
    std::shared_ptr<LocalStore> m_store;
    std::shared_ptr<HistoryStore> m_history;
    std::shared_ptr<const ServerSnapshot> m_server;
    std::function<void(const AlertSettings &)> m_saved;
    std::unique_ptr<AsyncRunner> m_runner;
    std::unique_ptr<AlertsDialog> m_dialog;
};

QTEST_MAIN(AlertsDialogTest)
#include "tst_alertsdialog.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gui/handmadefeed.h"
#include "tests/support/testserver.h"
#include "ui/dialogs/refreshlogdialog.h"
#include "ui/widgets/messagebar.h"
#include "ui/widgets/statusbadge.h"

#include <QApplication>
#include <QClipboard>
#include <QPushButton>
#include <QTemporaryDir>

using namespace tidemark;
using namespace tidemark::ui;

class RefreshLogDialogTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_database = std::make_unique<test::TestDatabase>();
        m_history = std::make_shared<HistoryStore>(LocalStore::inMemory().value());
        m_runner = std::make_unique<AsyncRunner>();
        m_dialogs = {};
        m_profile.name = QStringLiteral("prod-eu");
        m_profile.connInfo = m_database->conn();
        m_profile.environment = Environment::Production;
        m_profile.safety = Safety::Confirm;
    }
    void cleanup()
    {
        m_dialog.reset();
        m_runner.reset();
        m_database.reset();
    }

    void itIsInstalledAndRemovedByKeyboardBehindATypedName()
    {
        open();
        QTRY_COMPARE(badge(), QStringLiteral("Not installed"));
        QTRY_VERIFY(button("Install refresh log…")->isEnabled());
        QVERIFY(!button("Remove refresh log…")->isEnabled());
        m_dialogs.answer = true;
        press("Install refresh log…");
        QCOMPARE(m_dialogs.lastRequest.typedName, m_database->name());
        QVERIFY(m_dialogs.lastRequest.statement.contains(QStringLiteral("CREATE EVENT TRIGGER tidemark_refresh_end")));
        QTRY_COMPARE(badge(), QStringLiteral("Installed"));
        QCOMPARE(m_database->value("SELECT count(*) FROM pg_event_trigger WHERE evtname LIKE 'tidemark%'"),
                 QStringLiteral("2"));
        press("Remove refresh log…");
        QTRY_COMPARE(badge(), QStringLiteral("Not installed"));
        QCOMPARE(m_history->audit(10)->size(), 4U);
    }

    void whoSaysNoChangesNothing()
    {
        open();
        QTRY_VERIFY(button("Install refresh log…")->isEnabled());
        press("Install refresh log…");
        QCOMPARE(m_dialogs.asked.size(), 1);
        QCOMPARE(m_database->value("SELECT count(*) FROM pg_event_trigger"), QStringLiteral("0"));
        QVERIFY(m_history->audit(10)->empty());
    }

    void aReadOnlyProfileSaysWhyAndOffersTheScript()
    {
        m_profile.safety = Safety::ReadOnly;
        open();
        QTRY_COMPARE(badge(), QStringLiteral("Not installed"));
        QVERIFY(!button("Install refresh log…")->isEnabled());
        QVERIFY(button("Install refresh log…")->toolTip().contains(QStringLiteral("read-only")));
        press("Copy script");
        QVERIFY(QGuiApplication::clipboard()->text().contains(QStringLiteral("CREATE TABLE tidemark.refresh_log")));
        const QTemporaryDir folder;
        m_dialogs.path = folder.filePath(QStringLiteral("up.sql"));
        press("Save script…");
        QFile saved(m_dialogs.path);
        QVERIFY(saved.open(QIODevice::ReadOnly));
        QCOMPARE(QString::fromUtf8(saved.readAll()), RefreshLog::script(RefreshLog::Change::Install));
    }

private:
    void open()
    {
        PageContext context;
        context.clock = &m_clock;
        context.dialogs = &m_dialogs;
        context.runner = m_runner.get();
        context.history = m_history;
        context.accessTo = [this](const QString &) { return std::optional(ServerAccess{m_profile, {}}); };
        auto server = std::make_shared<ServerSnapshot>();
        server->name = m_profile.name;
        auto database = std::make_shared<DatabaseSnapshot>();
        database->name = m_database->name();
        database->state = WatchState::Live;
        server->databases[database->name] = database;
        m_dialog = std::make_unique<RefreshLogDialog>(context, Snapshots{{server->name, server}});
        m_dialog->show();
        QVERIFY(QTest::qWaitForWindowActive(m_dialog.get()));
    }
    [[nodiscard]] QString badge() const { return m_dialog->findChild<StatusBadge *>()->text(); }
    [[nodiscard]] QPushButton *button(const char *text) const
    {
        for (QPushButton *button : m_dialog->findChildren<QPushButton *>()) {
            if (button->text().remove(QLatin1Char('&')) == QString::fromUtf8(text))
                return button;
        }
        qFatal("no button %s", text);
    }
    void press(const char *text) const
    {
        button(text)->setFocus();
        QTest::keyClick(button(text), Qt::Key_Space);
    }

    test::StandingClock m_clock;
    Profile m_profile;
    test::AnsweringDialogs m_dialogs;
    std::unique_ptr<test::TestDatabase> m_database;
    std::shared_ptr<HistoryStore> m_history;
    std::unique_ptr<AsyncRunner> m_runner;
    std::unique_ptr<RefreshLogDialog> m_dialog;
};

QTEST_MAIN(RefreshLogDialogTest)
#include "tst_refreshlogdialog.moc"

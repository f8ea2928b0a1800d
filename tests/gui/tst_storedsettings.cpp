// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/storedsettings.h"

#include <QElapsedTimer>
#include <QTest>

#include <atomic>
#include <thread>

using namespace tidemark;
using namespace tidemark::ui;
using namespace std::chrono_literals;

/// How the window is left must never make the window wait.
class StoredSettingsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_store = LocalStore::inMemory().value(); }

    void whatWasSetIsThereAtTheNextStart()
    {
        {
            StoredSettings settings(m_store);
            QCOMPARE(settings.value(QStringLiteral("window.page")), QString());
            settings.setValue(QStringLiteral("window.page"), QStringLiteral("locks"));
            settings.setValue(QStringLiteral("window.page"), QStringLiteral("history"));
            settings.setValue(QStringLiteral("window.details"), QString());
            QCOMPARE(settings.value(QStringLiteral("window.page")), QStringLiteral("history"));
        }
        const StoredSettings again(m_store);
        QCOMPARE(again.value(QStringLiteral("window.page")), QStringLiteral("history"));
    }

    void neitherReadingNorSettingWaitsForTheStoresWriter()
    {
        QVERIFY(SettingsStore(m_store).setText(QStringLiteral("window.theme"), QStringLiteral("dark")));
        StoredSettings settings(m_store);
        std::atomic<bool> holding = false;
        std::atomic<bool> letGo = false;
        std::jthread holder([&] {
            static_cast<void>(m_store->write([&](SQLite::Database &) {
                holding = true;
                while (!letGo)
                    std::this_thread::sleep_for(1ms);
            }));
        });
        while (!holding)
            std::this_thread::sleep_for(1ms);
        QElapsedTimer timer;
        timer.start();
        for (int i = 0; i < 100; ++i)
            settings.setValue(QStringLiteral("window.key%1").arg(i), QStringLiteral("value"));
        QCOMPARE(settings.value(QStringLiteral("window.theme")), QStringLiteral("dark"));
        const qint64 took = timer.elapsed();
        letGo = true;
        QVERIFY2(took < 100, qPrintable(QStringLiteral("%1 ms").arg(took)));
        QTRY_COMPARE(SettingsStore(m_store).text(QStringLiteral("window.key99")), QStringLiteral("value"));
    }

private:
    std::shared_ptr<LocalStore> m_store;
};

QTEST_GUILESS_MAIN(StoredSettingsTest)
#include "tst_storedsettings.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/standardcollectors.h"
#include "core/store/historystore.h"
#include "tests/gui/handmadefeed.h"
#include "tests/gui/pictures.h"
#include "tests/support/testserver.h"
#include "ui/pages/pagecontext.h"
#include "ui/services/asyncrunner.h"
#include "ui/services/monitorbridge.h"
#include "ui/services/rundrivers.h"
#include "ui/widgets/messagebar.h"

#include <QPushButton>
#include <QSplitter>
#include <QTest>

namespace tidemark::test {

/// The wizard on a real server, watched by the real monitor, in a window of its own.
template<typename WizardPage>
struct WizardWindow
{
    SystemClock clock;
    std::shared_ptr<HistoryStore> history = std::make_shared<HistoryStore>(LocalStore::inMemory().value());
    ui::AsyncRunner runner;
    AnsweringDialogs dialogs;
    ui::RunDrivers drivers{history, clock};
    ui::MonitorBridge bridge{clock, standardCollectors(history), {}};
    Profile profile;
    QSplitter window;
    WizardPage *page = nullptr;

    WizardWindow(const TestDatabase &database, Environment environment, Safety safety)
    {
        profile.name = QStringLiteral("prod-eu");
        profile.connInfo = database.conn();
        profile.databases = {database.name()};
        profile.environment = environment;
        profile.safety = safety;
        profile.interval = Millis(500);
        ui::PageContext context;
        context.clock = &clock;
        context.dialogs = &dialogs;
        context.runner = &runner;
        context.history = history;
        context.drivers = &drivers;
        context.accessTo = [this](const QString &) { return ui::ServerAccess{profile, {}}; };
        page = new WizardPage(context);
        window.addWidget(page);
        window.resize(1280, 800);
        window.show();
        window.activateWindow();
        QObject::connect(&bridge, &ui::MonitorFeed::serverUpdated, page,
                         [this]() { page->setSnapshots(bridge.snapshots()); });
        bridge.watch(profile, {});
    }

    template<typename Widget>
    [[nodiscard]] Widget *find(const QString &name) const
    {
        for (Widget *widget : window.findChildren<Widget *>()) {
            if (widget->isVisible() && (name.isEmpty() || widget->objectName() == name))
                return widget;
        }
        return nullptr;
    }
    [[nodiscard]] QPushButton *button(const QString &begin) const
    {
        for (QPushButton *button : window.findChildren<QPushButton *>()) {
            if (button->isVisible() && button->text().remove(QLatin1Char('&')).startsWith(begin))
                return button;
        }
        return nullptr;
    }
    [[nodiscard]] bool canGoOn() const { return page->nextButton()->isEnabled(); }
    void press(QWidget *widget) const
    {
        widget->setFocus();
        QTest::keyClick(widget, Qt::Key_Space);
    }
    void next() const { press(page->nextButton()); }
    [[nodiscard]] QString message() const
    {
        const auto *bar = find<ui::MessageBar>({});
        return bar ? bar->message() : QString();
    }
    void picture(const char *name) { savePictures(window, QLatin1String(name)); }
    /// Next by next, with what is proposed.
    void reach(int place) const
    {
        while (page->currentStep() < place) {
            const int before = page->currentStep();
            QTRY_VERIFY_WITH_TIMEOUT(canGoOn(), 15'000);
            next();
            QTRY_COMPARE(page->currentStep(), before + 1);
        }
    }
};

} // namespace tidemark::test

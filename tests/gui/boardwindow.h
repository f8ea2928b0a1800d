// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/historystore.h"
#include "tests/support/longestpause.h"
#include "tests/support/standingclock.h"
#include "ui/pages/page.h"
#include "ui/services/asyncrunner.h"
#include "ui/services/theme.h"

#include <QAccessible>
#include <QApplication>
#include <QDir>
#include <QLabel>
#include <QSplitter>
#include <QTest>

#include <memory>

namespace tidemark::test {

/// A page beside its detail panel, on a clock that stands and a store in memory. Where TIDEMARK_TEST_PICTURES names a
/// folder, the window is saved there when the test ends.
template<typename PageType>
class BoardWindow
{
public:
    explicit BoardWindow(QSize size = {1280, 800})
    {
        store = LocalStore::inMemory().value();
        context.clock = &clock;
        context.runner = &runner;
        context.history = history = std::make_shared<HistoryStore>(store);
        page = new PageType(context);
        window.addWidget(page);
        window.addWidget(page->detailWidget());
        window.resize(size);
        window.setSizes({size.width() * 7 / 10, size.width() * 3 / 10});
        window.show();
        window.activateWindow();
    }
    ~BoardWindow()
    {
        const QString folder = qEnvironmentVariable("TIDEMARK_TEST_PICTURES");
        if (folder.isEmpty() || !QDir().mkpath(folder))
            return;
        for (const auto choice : {ui::ThemeChoice::Light, ui::ThemeChoice::Dark}) {
            ui::applyTheme(*qApp, choice);
            QTest::qWait(400); // plots are drawn once the loop has turned
            window.grab().save(
                QStringLiteral("%1/%2-%3-%4.png")
                    .arg(folder, page->id(), QLatin1String(QTest::currentTestFunction()),
                         choice == ui::ThemeChoice::Dark ? QStringLiteral("dark") : QStringLiteral("light")));
        }
    }

    void show(const std::shared_ptr<const ServerSnapshot> &server) { page->setSnapshots({{server->name, server}}); }

    /// Whether some visible label in the detail panel holds the text; long names carry invisible break points.
    [[nodiscard]] bool detailShows(const QString &text) const
    {
        for (const QLabel *label : page->detailWidget()->template findChildren<QLabel *>()) {
            if (label->isVisibleTo(page->detailWidget()) && label->text().remove(QChar(0x200b)).contains(text))
                return true;
        }
        return false;
    }

    /// Visible widgets that take the keyboard and say nothing to assistive technology.
    [[nodiscard]] QStringList nameless() const
    {
        QStringList found;
        for (const QWidget *widget : window.template findChildren<QWidget *>()) {
            if (!widget->isVisible() || widget->focusPolicy() == Qt::NoFocus || widget->focusProxy())
                continue;
            const QAccessibleInterface *interface = QAccessible::queryAccessibleInterface(
                const_cast<QWidget *>(widget));
            if (!interface || interface->text(QAccessible::Name).isEmpty())
                found << QStringLiteral("%1 %2").arg(QLatin1String(widget->metaObject()->className()),
                                                     widget->objectName());
        }
        return found;
    }

    StandingClock clock;
    ui::AsyncRunner runner;
    std::shared_ptr<LocalStore> store;
    std::shared_ptr<HistoryStore> history;
    ui::PageContext context;
    QSplitter window{Qt::Horizontal};
    PageType *page = nullptr; ///< owned by the window
};

} // namespace tidemark::test

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pagerenderer.h"

#include "ui/mainwindow.h"
#include "ui/pages/page.h"
#include "ui/widgets/datatable.h"

#include <QApplication>
#include <QDir>
#include <QTextStream>

namespace tidemark::gui {

namespace {

constexpr int longestWaitMs = 30'000;    // for the first data of all pages together
constexpr int settleMs = 6'000;          // a few readings, so that what moves has moved
constexpr int longestTroubleMs = 15'000; // one failed reading is mended by the next
constexpr int drawMs = 1'000;            // for a page that was just shown to be laid out and filled

} // namespace

PageRenderer::PageRenderer(ui::MainWindow &window, const QString &folder, const QList<QSize> &sizes, QObject *parent)
    : QObject(parent)
    , m_window(window)
    , m_folder(folder)
    , m_sizes(sizes)
{
}

void PageRenderer::start()
{
    if (!QDir().mkpath(m_folder)) {
        Q_EMIT finished(tr("Cannot make the folder %1.").arg(m_folder));
        return;
    }
    for (const ui::ThemeChoice theme : {ui::ThemeChoice::Light, ui::ThemeChoice::Dark}) {
        for (const QSize &size : std::as_const(m_sizes)) {
            for (ui::Page *page : m_window.pages())
                m_shots.append({page, theme, size});
        }
    }
    m_waited.start();
    waitForPage(0);
}

void PageRenderer::waitForPage(qsizetype number)
{
    const QList<ui::Page *> pages = m_window.pages();
    if (number == pages.size()) {
        QTimer::singleShot(settleMs, this, [this]() { draw(0); });
        return;
    }
    const ui::Page &page = *pages[number];
    m_window.showPage(page.id());
    if (!page.isFilled() && m_waited.elapsed() > longestWaitMs) {
        const QString trouble = page.trouble();
        Q_EMIT finished(tr("The page %1 is still loading after %2 s: %3.")
                            .arg(page.title())
                            .arg(longestWaitMs / 1000)
                            .arg(trouble.isEmpty() ? tr("the local store has not answered") : trouble));
        return;
    }
    // Shown once more by the loop: a page that is hidden does not fill itself.
    QTimer::singleShot(page.isFilled() ? 0 : 50, this,
                       [this, number, filled = page.isFilled()]() { waitForPage(filled ? number + 1 : number); });
}

void PageRenderer::draw(qsizetype number)
{
    if (number == m_shots.size()) {
        Q_EMIT finished({});
        return;
    }
    const Shot &shot = m_shots[number];
    ui::applyTheme(*qApp, shot.theme);
    m_window.resize(shot.size);
    m_window.showPage(shot.page->id());
    for (ui::DataTable *table : shot.page->tables())
        table->selectFirst();
    m_waited.restart();
    QTimer::singleShot(drawMs, this, [this, number]() { save(number); });
}

void PageRenderer::save(qsizetype number)
{
    const Shot &shot = m_shots[number];
    const QString trouble = shot.page->trouble();
    if (!trouble.isEmpty() && m_waited.elapsed() < longestTroubleMs) {
        QTimer::singleShot(drawMs, this, [this, number]() { save(number); });
        return;
    }
    if (!trouble.isEmpty()) {
        Q_EMIT finished(tr("The page %1 does not show what is: %2.").arg(shot.page->title(), trouble));
        return;
    }
    const QString path = QDir(m_folder).filePath(QStringLiteral("%1-%2-%3x%4.png")
                                                     .arg(shot.page->id(), shot.theme == ui::ThemeChoice::Dark
                                                                               ? QStringLiteral("dark")
                                                                               : QStringLiteral("light"))
                                                     .arg(shot.size.width())
                                                     .arg(shot.size.height()));
    if (!m_window.grab().save(path)) {
        Q_EMIT finished(tr("Cannot write %1.").arg(path));
        return;
    }
    QTextStream out(stdout);
    out << path << Qt::endl;
    if (out.status() != QTextStream::Ok) {
        Q_EMIT finished(tr("The output cannot be written: %1.").arg(out.device()->errorString()));
        return;
    }
    draw(number + 1);
}

} // namespace tidemark::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QVariant>
#include <QWidget>

class QLabel;
class QPainter;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace tidemark::ui {

/// The numbers a chart draws, as a table: for reading aloud, copying and CSV.
struct ChartTable
{
    QStringList headers;
    QList<QVariantList> rows;
};

/// What every chart has: a title line with a legend, a twin as table ("Show data"), export, and words for assistive
/// technology. The plot itself is the subclass's.
class Chart : public QWidget
{
    Q_OBJECT

public:
    explicit Chart(const QString &title, QWidget *parent = nullptr);

    [[nodiscard]] QString title() const { return m_titleText; }
    void setTitle(const QString &title);
    /// One sentence that tells what is to be seen.
    void setSummary(const QString &summary);
    /// Shown in the middle while there is nothing to draw; empty hides it.
    void setPlaceholder(const QString &text);
    void setDataShown(bool shown);
    [[nodiscard]] bool isDataShown() const;

    [[nodiscard]] virtual ChartTable table() const = 0;
    /// Draws the plot alone, into the whole of `size`.
    virtual void render(QPainter &painter, const QSize &size) = 0;
    /// By the file's ending: png (twice the size), svg or csv.
    [[nodiscard]] Status exportTo(const QString &path);

Q_SIGNALS:
    void exportRequested();

protected:
    /// Once, from the constructor of the subclass.
    void setPlot(QWidget *plot);
    void setLegend(const QString &richText);
    /// The numbers changed: the twin follows when it is seen.
    void dataChanged();
    void contextMenuEvent(QContextMenuEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void fillTable();

    QString m_titleText;
    QLabel *m_title;
    QLabel *m_legend;
    QLabel *m_placeholder;
    QToolButton *m_toggle;
    QStackedWidget *m_stack;
    QWidget *m_plot = nullptr;
    QTableView *m_table = nullptr;
};

} // namespace tidemark::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chart.h"

#include "ui/services/icons.h"
#include "ui/services/theme.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/flatheader.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QSaveFile>
#include <QStackedWidget>
#include <QStandardItemModel>
#include <QSvgGenerator>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

namespace tidemark::ui {

Chart::Chart(const QString &title, QWidget *parent)
    : QWidget(parent)
    , m_title(new QLabel(this))
    , m_legend(new QLabel(this))
    , m_placeholder(new QLabel(this))
    , m_toggle(new QToolButton(this))
    , m_stack(new QStackedWidget(this))
{
    m_title->setFont(boldFont(font()));
    m_legend->setTextFormat(Qt::RichText);
    m_legend->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_legend->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_toggle->setCheckable(true);
    m_toggle->setAutoRaise(true);
    m_toggle->setIcon(icon(QStringLiteral("table")));
    m_placeholder->setAlignment(Qt::AlignCenter);
    m_placeholder->setWordWrap(true);
    m_placeholder->setForegroundRole(QPalette::PlaceholderText);
    m_placeholder->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_placeholder->hide();

    auto *head = new QHBoxLayout;
    head->setSpacing(spacing(this, 2));
    head->addWidget(m_title);
    head->addWidget(m_legend, 1);
    head->addWidget(m_toggle);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing(this, 1));
    layout->addLayout(head);
    layout->addWidget(m_stack, 1);
    connect(m_toggle, &QToolButton::toggled, this, &Chart::setDataShown);
    setTitle(title);
}

void Chart::setTitle(const QString &title)
{
    m_titleText = title;
    m_title->setText(title);
    setAccessibleName(title);
    m_toggle->setToolTip(tr("Show the data of “%1”").arg(title));
    m_toggle->setAccessibleName(m_toggle->toolTip());
    if (m_plot)
        m_plot->setAccessibleName(title);
}

void Chart::setSummary(const QString &summary)
{
    setAccessibleDescription(summary);
    if (m_plot)
        m_plot->setAccessibleDescription(summary);
}

void Chart::setPlaceholder(const QString &text)
{
    m_placeholder->setText(text);
    m_placeholder->setVisible(!text.isEmpty());
    m_placeholder->raise();
}

void Chart::setPlot(QWidget *plot)
{
    m_plot = plot;
    m_plot->setAccessibleName(m_titleText);
    m_stack->addWidget(plot);
}

void Chart::setLegend(const QString &richText)
{
    m_legend->setText(richText);
}

bool Chart::isDataShown() const
{
    return m_toggle->isChecked();
}

void Chart::setDataShown(bool shown)
{
    m_toggle->setChecked(shown);
    if (shown && !m_table) {
        m_table = new QTableView(this);
        m_table->setAccessibleName(tr("Data of “%1”").arg(m_titleText));
        m_table->setModel(new QStandardItemModel(m_table));
        m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
        m_table->setTabKeyNavigation(false);
        m_table->setFrameShape(QFrame::NoFrame);
        m_table->setHorizontalHeader(new FlatHeader(m_table));
        m_table->verticalHeader()->hide();
        m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
        m_stack->addWidget(m_table);
    }
    if (shown)
        fillTable();
    m_stack->setCurrentIndex(shown ? 1 : 0);
    m_placeholder->setVisible(!shown && !m_placeholder->text().isEmpty());
}

void Chart::dataChanged()
{
    if (isDataShown())
        fillTable();
}

void Chart::fillTable()
{
    auto *model = qobject_cast<QStandardItemModel *>(m_table->model());
    const ChartTable data = table();
    model->setColumnCount(static_cast<int>(data.headers.size()));
    model->setRowCount(static_cast<int>(data.rows.size()));
    model->setHorizontalHeaderLabels(data.headers);
    for (int row = 0; row < data.rows.size(); ++row) {
        for (int column = 0; column < data.rows[row].size(); ++column)
            model->setData(model->index(row, column), data.rows[row][column]);
    }
}

Status Chart::exportTo(const QString &path)
{
    const auto unwritable = [&path](const QString &why) {
        return fail(Error::local(tr("Cannot write %1: %2").arg(path, why), tr("Choose a folder you may write to.")));
    };
    if (path.endsWith(QLatin1String(".svg"), Qt::CaseInsensitive)) {
        QSaveFile file(path);
        if (!file.open(QIODevice::WriteOnly))
            return unwritable(file.errorString());
        QSvgGenerator generator;
        generator.setOutputDevice(&file);
        generator.setSize(m_stack->size());
        generator.setViewBox(QRect(QPoint(), m_stack->size()));
        generator.setTitle(m_titleText);
        generator.setDescription(accessibleDescription());
        QPainter painter(&generator);
        painter.fillRect(QRect(QPoint(), m_stack->size()), palette().color(QPalette::Base));
        render(painter, m_stack->size());
        painter.end();
        return file.commit() ? Status() : unwritable(file.errorString());
    }
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return unwritable(file.errorString());
    if (path.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive)) {
        const ChartTable data = table();
        QStringList lines{data.headers.join(QLatin1Char(','))};
        for (const QVariantList &row : data.rows) {
            QStringList cells;
            for (const QVariant &cell : row)
                cells << csvField(cell.toString());
            lines << cells.join(QLatin1Char(','));
        }
        file.write(lines.join(QLatin1Char('\n')).toUtf8() + '\n');
    } else {
        QImage image(m_stack->size() * 2, QImage::Format_ARGB32_Premultiplied);
        image.setDevicePixelRatio(2);
        image.fill(palette().color(QPalette::Base));
        QPainter painter(&image);
        render(painter, m_stack->size());
        painter.end();
        image.save(&file, "PNG");
    }
    return file.commit() ? Status() : unwritable(file.errorString());
}

void Chart::contextMenuEvent(QContextMenuEvent *event)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    QAction *data = menu->addAction(tr("Show &data"));
    data->setCheckable(true);
    data->setChecked(isDataShown());
    connect(data, &QAction::toggled, this, &Chart::setDataShown);
    menu->addAction(tr("&Copy picture"), this, [this]() {
        QImage image(m_stack->size() * 2, QImage::Format_ARGB32_Premultiplied);
        image.setDevicePixelRatio(2);
        image.fill(palette().color(QPalette::Base));
        QPainter painter(&image);
        render(painter, m_stack->size());
        QGuiApplication::clipboard()->setImage(image);
    });
    menu->addAction(tr("&Export…"), this, &Chart::exportRequested);
    menu->popup(event->globalPos());
}

void Chart::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_placeholder->setGeometry(rect().adjusted(0, m_toggle->height(), 0, 0));
}

} // namespace tidemark::ui

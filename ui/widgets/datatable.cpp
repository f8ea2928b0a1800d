// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/datatable.h"

#include "ui/services/theme.h"
#include "ui/widgets/columnfit.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/flatheader.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHeaderView>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QKeyEvent>
#include <QMenu>
#include <QScrollBar>

#include <algorithm>
#include <functional>
#include <memory>

namespace tidemark::ui {

namespace {

/// What leaves the program bears the real names.
QString plainText(const QModelIndex &at)
{
    const QVariant plain = at.data(PlainRole);
    return (plain.isValid() ? plain : at.data()).toString();
}

} // namespace

DataTable::DataTable(const QString &accessibleName, QWidget *parent)
    : QTableView(parent)
    , m_proxy(new FilterProxy(this))
    , m_fit(nullptr)
{
    setHorizontalHeader(new FlatHeader(this));
    m_fit = new ColumnFit(this, horizontalHeader());
    setAccessibleName(accessibleName);
    setItemDelegate(new CellDelegate(this));
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setShowGrid(false);
    setWordWrap(false);
    setTabKeyNavigation(false);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setFrameShape(QFrame::NoFrame);
    setMouseTracking(true);
    setSortingEnabled(true);
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    horizontalHeader()->setSectionsClickable(true);
    horizontalHeader()->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(horizontalHeader(), &QWidget::customContextMenuRequested, this, &DataTable::showHeaderMenu);
    connect(this, &QAbstractItemView::activated, this,
            [this](const QModelIndex &index) { Q_EMIT rowActivated(m_proxy->mapToSource(index)); });
}

void DataTable::setSource(QAbstractItemModel *source)
{
    m_proxy->setSourceModel(source);
    setModel(m_proxy);
    connect(selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex &current) { Q_EMIT currentRowChanged(m_proxy->mapToSource(current)); });
    applyHeights();
    m_fit->begin();
}

int DataTable::columnOf(const QByteArray &id) const
{
    for (int column = 0; column < m_proxy->columnCount(); ++column) {
        if (m_proxy->headerData(column, Qt::Horizontal, ColumnIdRole).toByteArray() == id)
            return column;
    }
    return -1;
}

void DataTable::sortByColumnId(const QByteArray &id, Qt::SortOrder order)
{
    sortByColumn(columnOf(id), order);
}

void DataTable::setDelegateFor(const QByteArray &columnId, QAbstractItemDelegate *delegate)
{
    setItemDelegateForColumn(columnOf(columnId), delegate);
}

QModelIndex DataTable::currentSource() const
{
    return m_proxy->mapToSource(currentIndex());
}

bool DataTable::selectObject(const ObjectRef &object)
{
    for (int row = 0; row < m_proxy->rowCount(); ++row) {
        const QModelIndex at = m_proxy->index(row, 0);
        if (isSame(at.data(ObjectRole).value<ObjectRef>(), object)) {
            setCurrentIndex(at);
            scrollTo(at);
            return true;
        }
    }
    return false;
}

void DataTable::selectFirst()
{
    if (!currentIndex().isValid() && m_proxy->rowCount() > 0)
        setCurrentIndex(m_proxy->index(0, 0));
}

QString DataTable::toCsv() const
{
    return csvOf(*m_proxy);
}

QString DataTable::toMarkdown() const
{
    QList<int> columns;
    for (int visual = 0; visual < horizontalHeader()->count(); ++visual) {
        if (const int column = horizontalHeader()->logicalIndex(visual); !isColumnHidden(column))
            columns << column;
    }
    const auto line = [&columns](const std::function<QString(int)> &cell) {
        QStringList cells;
        for (const int column : columns)
            cells << cell(column).replace(QLatin1Char('|'), QLatin1String("\\|")).simplified();
        return QStringLiteral("| %1 |\n").arg(cells.join(QStringLiteral(" | ")));
    };
    QString text = line([this](int column) { return m_proxy->headerData(column, Qt::Horizontal).toString(); });
    text += line([this](int column) {
        const auto aligned = m_proxy->headerData(column, Qt::Horizontal, Qt::TextAlignmentRole).value<Qt::Alignment>();
        return aligned & Qt::AlignRight ? QStringLiteral("---:") : QStringLiteral("---");
    });
    for (int row = 0; row < m_proxy->rowCount(); ++row)
        text += line([this, row](int column) { return m_proxy->index(row, column).data().toString(); });
    return text;
}

void DataTable::copySelection() const
{
    QStringList lines;
    for (const QModelIndex &row : selectionModel()->selectedRows()) {
        QStringList cells;
        for (int visual = 0; visual < horizontalHeader()->count(); ++visual) {
            const int column = horizontalHeader()->logicalIndex(visual);
            if (!isColumnHidden(column))
                cells << plainText(row.siblingAtColumn(column));
        }
        lines << cells.join(QLatin1Char('\t'));
    }
    QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

QString DataTable::saveLayout() const
{
    const QHeaderView *header = horizontalHeader();
    QJsonArray columns;
    for (int visual = 0; visual < header->count(); ++visual) {
        const int column = header->logicalIndex(visual);
        columns.append(QJsonObject{
            {QStringLiteral("id"),
             QString::fromLatin1(m_proxy->headerData(column, Qt::Horizontal, ColumnIdRole).toByteArray())},
            {QStringLiteral("chars"), static_cast<double>(columnWidth(column)) / fontMetrics().averageCharWidth()},
            {QStringLiteral("hidden"), isColumnHidden(column) && !m_fit->gaveWay(column)},
            {QStringLiteral("kept"), m_fit->isKept(column)}});
    }
    const QJsonObject layout{
        {QStringLiteral("columns"), columns},
        {QStringLiteral("sized"), m_fit->isUserSized()},
        {QStringLiteral("sort"),
         QString::fromLatin1(
             m_proxy->headerData(header->sortIndicatorSection(), Qt::Horizontal, ColumnIdRole).toByteArray())},
        {QStringLiteral("descending"), header->sortIndicatorOrder() == Qt::DescendingOrder}};
    return QString::fromUtf8(QJsonDocument(layout).toJson(QJsonDocument::Compact));
}

void DataTable::restoreLayout(const QString &layout)
{
    const QJsonObject object = QJsonDocument::fromJson(layout.toUtf8()).object();
    const bool sized = object.value(QStringLiteral("sized")).toBool();
    m_fit->setUserSized(sized);
    int visual = 0;
    for (const QJsonValue &value : object.value(QStringLiteral("columns")).toArray()) {
        const QJsonObject saved = value.toObject();
        const int column = columnOf(saved.value(QStringLiteral("id")).toString().toLatin1());
        if (column < 0)
            continue;
        horizontalHeader()->moveSection(horizontalHeader()->visualIndex(column), visual++);
        if (saved.value(QStringLiteral("kept")).toBool())
            m_fit->keep(column);
        setColumnHidden(column, saved.value(QStringLiteral("hidden")).toBool());
        const double chars = saved.value(QStringLiteral("chars")).toDouble();
        if (sized && chars >= 2)
            setColumnWidth(column, static_cast<int>(chars * fontMetrics().averageCharWidth()));
    }
    const int sorted = columnOf(object.value(QStringLiteral("sort")).toString().toLatin1());
    if (sorted >= 0)
        sortByColumn(sorted,
                     object.value(QStringLiteral("descending")).toBool() ? Qt::DescendingOrder : Qt::AscendingOrder);
    m_fit->stretch();
}

void DataTable::setColumnWanted(int column, bool wanted)
{
    m_fit->setWanted(column, wanted);
}

void DataTable::resizeEvent(QResizeEvent *event)
{
    QTableView::resizeEvent(event);
    m_fit->stretch();
}

void DataTable::keyPressEvent(QKeyEvent *event)
{
    if (event == QKeySequence::Copy)
        copySelection();
    else
        QTableView::keyPressEvent(event);
}

void DataTable::contextMenuEvent(QContextMenuEvent *event)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (!actions().isEmpty()) {
        menu->addActions(actions());
        menu->addSeparator();
    }
    menu->addAction(tr("&Copy rows"), QKeySequence::Copy, this, &DataTable::copySelection);
    menu->addAction(tr("Copy table as C&SV"), this, [this]() { QGuiApplication::clipboard()->setText(toCsv()); });
    menu->addAction(tr("Copy table as &Markdown"), this,
                    [this]() { QGuiApplication::clipboard()->setText(toMarkdown()); });
    menu->addAction(tr("&Export…"), this, &DataTable::exportRequested);
    menu->popup(event->globalPos());
}

void DataTable::changeEvent(QEvent *event)
{
    QTableView::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        applyHeights();
}

void DataTable::applyHeights()
{
    verticalHeader()->setMinimumSectionSize(1);
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() * 7 / 4);
    horizontalHeader()->setMinimumSectionSize(fontMetrics().averageCharWidth() * 4);
}

void DataTable::showHeaderMenu(const QPoint &position)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (int column = 0; column < m_proxy->columnCount(); ++column) {
        QAction *action = menu->addAction(m_proxy->headerData(column, Qt::Horizontal).toString());
        action->setCheckable(true);
        action->setChecked(!isColumnHidden(column));
        action->setEnabled(column > 0);
        connect(action, &QAction::toggled, this, [this, column](bool shown) {
            m_fit->keep(column);
            setColumnHidden(column, !shown);
            m_fit->stretch();
        });
    }
    menu->popup(horizontalHeader()->mapToGlobal(position));
}

QString csvField(const QString &text)
{
    static constexpr auto special = [](QChar c) {
        return c == QLatin1Char(',') || c == QLatin1Char('"') || c == QLatin1Char('\n') || c == QLatin1Char('\r');
    };
    if (std::none_of(text.begin(), text.end(), special))
        return text;
    QString quoted = text;
    quoted.replace(QLatin1Char('"'), QLatin1String("\"\""));
    return QLatin1Char('"') + quoted + QLatin1Char('"');
}

QString csvOf(const QAbstractItemModel &model)
{
    QStringList lines;
    QStringList header;
    for (int column = 0; column < model.columnCount(); ++column) {
        const QByteArray id = model.headerData(column, Qt::Horizontal, ColumnIdRole).toByteArray();
        header << csvField(id.isEmpty() ? model.headerData(column, Qt::Horizontal).toString()
                                        : QString::fromLatin1(id));
    }
    lines << header.join(QLatin1Char(','));
    for (int row = 0; row < model.rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < model.columnCount(); ++column) {
            const QVariant exported = model.index(row, column).data(ExportRole);
            cells << csvField(exported.isValid() ? exported.toString() : plainText(model.index(row, column)));
        }
        lines << cells.join(QLatin1Char(','));
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

} // namespace tidemark::ui

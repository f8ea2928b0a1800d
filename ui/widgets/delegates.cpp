// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/delegates.h"

#include "ui/models/roles.h"
#include "ui/services/icons.h"
#include "ui/services/theme.h"

#include <QApplication>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace tidemark::ui {

namespace {

int padding(const QStyleOptionViewItem &option)
{
    return option.fontMetrics.height() * 2 / 4;
}

Severity severityOf(const QModelIndex &index)
{
    const QVariant value = index.data(SeverityRole);
    return value.isValid() ? static_cast<Severity>(value.toInt()) : Severity::Unknown;
}

QColor textColor(const QStyleOptionViewItem &option)
{
    const auto group = option.state & QStyle::State_Enabled ? QPalette::Active : QPalette::Disabled;
    return option.palette.color(group,
                                option.state & QStyle::State_Selected ? QPalette::HighlightedText : QPalette::Text);
}

} // namespace

QRect CellDelegate::paintBackground(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index)
{
    QStyleOptionViewItem own = option;
    own.text.clear();
    own.icon = QIcon();
    own.state &= ~QStyle::State_HasFocus;
    const Theme &theme = Theme::of(option.palette);
    if (option.state & QStyle::State_Selected)
        painter->fillRect(option.rect, option.palette.color(QPalette::Highlight));
    else if (option.state & QStyle::State_MouseOver)
        painter->fillRect(option.rect, theme.hover);
    painter->setPen(QPen(theme.grid, 1));
    painter->drawLine(option.rect.bottomLeft(), option.rect.bottomRight());
    if (option.state & QStyle::State_HasFocus) {
        painter->setPen(QPen(theme.accent, 1));
        painter->setBrush(Qt::NoBrush);
        painter->drawRect(option.rect.adjusted(0, 0, -1, -1));
    }
    static_cast<void>(index);
    return option.rect.adjusted(padding(option), 0, -padding(option), 0);
}

void CellDelegate::paintText(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index,
                             const QRect &place)
{
    const QString text = index.data(Qt::DisplayRole).toString();
    const QString detail = index.data(DetailRole).toString();
    const QVariant aligned = index.data(Qt::TextAlignmentRole);
    const Qt::Alignment alignment = aligned.isValid() ? aligned.value<Qt::Alignment>()
                                                      : Qt::AlignLeft | Qt::AlignVCenter;
    painter->setFont(tabularFont(option.font));
    const QFontMetrics metrics = painter->fontMetrics();
    const QString first = metrics.elidedText(text, option.textElideMode, place.width());
    painter->setPen(textColor(option));
    if (detail.isEmpty()) {
        painter->drawText(place, static_cast<int>(alignment), first);
        return;
    }
    const int gap = metrics.horizontalAdvance(QLatin1Char(' ')) * 2;
    const int left = place.width() - metrics.horizontalAdvance(first) - gap;
    const QString second = left > gap ? metrics.elidedText(detail, Qt::ElideRight, left) : QString();
    const int width = metrics.horizontalAdvance(first)
                      + (second.isEmpty() ? 0 : gap + metrics.horizontalAdvance(second));
    const int x = alignment & Qt::AlignRight ? place.right() + 1 - width : place.left();
    painter->drawText(QRect(x, place.top(), place.width(), place.height()), Qt::AlignLeft | Qt::AlignVCenter, first);
    if (!(option.state & QStyle::State_Selected))
        painter->setPen(Theme::of(option.palette).muted);
    painter->drawText(QRect(x + metrics.horizontalAdvance(first) + gap, place.top(), left + gap, place.height()),
                      Qt::AlignLeft | Qt::AlignVCenter, second);
}

void CellDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    painter->save();
    QStyleOptionViewItem own = option;
    initStyleOption(&own, index);
    paintText(painter, own, index, paintBackground(painter, own, index));
    painter->restore();
}

QSize CellDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const QString detail = index.data(DetailRole).toString();
    // Rounded up: a text is elided when it is too long by the fraction of a pixel.
    const QFontMetricsF metrics(option.font);
    const double text = metrics.horizontalAdvance(index.data(Qt::DisplayRole).toString());
    const double more = detail.isEmpty() ? 0 : metrics.horizontalAdvance(detail + QStringLiteral("   "));
    return {static_cast<int>(std::ceil(text + more)) + 2 * padding(option) + 1, option.fontMetrics.height() * 7 / 4};
}

void StatusDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    painter->save();
    QStyleOptionViewItem own = option;
    initStyleOption(&own, index);
    const QRect place = paintBackground(painter, own, index);
    const Severity severity = severityOf(index);
    const QColor color = own.state & QStyle::State_Enabled ? Theme::of(own.palette).of(severity) : textColor(own);
    const int size = own.fontMetrics.height();
    if (index.data(SeverityRole).isValid()) {
        const QPixmap pixmap = iconPixmap(iconOf(severity), color, size, painter->device()->devicePixelRatioF());
        painter->drawPixmap(QRect(place.left(), place.center().y() - size / 2, size, size), pixmap);
    }
    painter->setFont(own.font);
    painter->setPen(color);
    const QRect text = place.adjusted(size + own.fontMetrics.height() / 3, 0, 0, 0);
    painter->drawText(text, Qt::AlignLeft | Qt::AlignVCenter,
                      own.fontMetrics.elidedText(index.data(Qt::DisplayRole).toString(), Qt::ElideRight, text.width()));
    painter->restore();
}

QSize StatusDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    return CellDelegate::sizeHint(option, index) + QSize(option.fontMetrics.height() * 4 / 3, 0);
}

void BarDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    painter->save();
    QStyleOptionViewItem own = option;
    initStyleOption(&own, index);
    const QRect place = paintBackground(painter, own, index);
    const QVariant number = index.data(NumberRole);
    const double share = number.isValid() ? number.toDouble() : std::nan("");
    if (std::isnan(share) || index.data(Qt::DisplayRole).toString().isEmpty()) {
        paintText(painter, own, index, place);
    } else {
        const Theme &theme = Theme::of(own.palette);
        const int textWidth = std::min(
            place.width() * 2 / 3, std::max(own.fontMetrics.horizontalAdvance(QStringLiteral("1000 %")),
                                            own.fontMetrics.horizontalAdvance(index.data(Qt::DisplayRole).toString())));
        const int gap = own.fontMetrics.height() / 2;
        const double thickness = std::max(4.0, own.fontMetrics.height() * 0.4);
        const QRectF bar(place.left(), place.center().y() - thickness / 2 + 0.5, place.width() - textWidth - gap,
                         thickness);
        paintBar(painter, bar, share, theme.of(severityOf(index)), theme.border);
        painter->setFont(tabularFont(own.font));
        painter->setPen(textColor(own));
        painter->drawText(QRect(place.right() + 1 - textWidth, place.top(), textWidth, place.height()),
                          Qt::AlignRight | Qt::AlignVCenter, index.data(Qt::DisplayRole).toString());
    }
    painter->restore();
}

QSize BarDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    return CellDelegate::sizeHint(option, index) + QSize(option.fontMetrics.averageCharWidth() * 9, 0);
}

void SparklineDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    painter->save();
    QStyleOptionViewItem own = option;
    initStyleOption(&own, index);
    const QRect place = paintBackground(painter, own, index);
    const auto values = index.data(SeriesRole).value<QList<double>>();
    const QString text = index.data(Qt::DisplayRole).toString();
    const int textWidth = text.isEmpty() ? 0 : own.fontMetrics.horizontalAdvance(text);
    if (values.size() > 1 && place.width() - textWidth > own.fontMetrics.height() * 2) {
        const int gap = own.fontMetrics.height() / 2;
        const int inset = own.rect.height() / 4;
        const QRectF spark(place.left(), place.top() + inset, place.width() - textWidth - gap,
                           place.height() - 2 * inset);
        paintSparkline(painter, spark, values, Theme::of(own.palette).accent);
    }
    painter->setFont(tabularFont(own.font));
    painter->setPen(textColor(own));
    painter->drawText(place, Qt::AlignRight | Qt::AlignVCenter, text);
    painter->restore();
}

void paintSparkline(QPainter *painter, const QRectF &place, const QList<double> &values, const QColor &color)
{
    QList<double> finite;
    std::copy_if(values.begin(), values.end(), std::back_inserter(finite), [](double v) { return std::isfinite(v); });
    if (finite.isEmpty() || place.width() < 2)
        return;
    const auto [low, high] = std::minmax_element(finite.begin(), finite.end());
    const double bottom = std::min(0.0, *low);
    const double range = *high - bottom;
    const auto pointOf = [&](qsizetype i) {
        const double x = values.size() < 2 ? 1.0 : static_cast<double>(i) / static_cast<double>(values.size() - 1);
        const double y = range > 0 ? (values[i] - bottom) / range : 0.0;
        return QPointF(place.left() + x * place.width(), place.bottom() - y * place.height());
    };
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    QPainterPath line;
    bool drawing = false;
    QPointF last;
    for (qsizetype i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i])) {
            drawing = false;
            continue;
        }
        last = pointOf(i);
        if (drawing) {
            line.lineTo(last);
        } else {
            line.moveTo(last);
            line.lineTo(last + QPointF(0.1, 0)); // a point alone between gaps is a dot
        }
        drawing = true;
    }
    painter->setPen(QPen(color, std::max(1.0, place.height() / 14), Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter->setBrush(Qt::NoBrush);
    painter->drawPath(line);
    painter->setPen(Qt::NoPen);
    painter->setBrush(color);
    const double radius = std::max(1.5, place.height() / 10);
    painter->drawEllipse(last, radius, radius);
    painter->restore();
}

void paintBar(QPainter *painter, const QRectF &place, double share, const QColor &color, const QColor &track)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(track);
    const double radius = place.height() / 2;
    painter->drawRoundedRect(place, radius, radius);
    QRectF filled = place;
    filled.setWidth(place.width() * std::clamp(share, 0.0, 1.0));
    if (filled.width() > 0.5) {
        painter->setBrush(color);
        painter->drawRoundedRect(filled, std::min(radius, filled.width() / 2), radius);
    }
    painter->restore();
}

} // namespace tidemark::ui

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/messagebar.h"

#include "ui/services/icons.h"
#include "ui/services/theme.h"

#include <QClipboard>
#include <QEvent>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStringList>
#include <QToolButton>
#include <QVBoxLayout>

namespace tidemark::ui {

namespace {

QLabel *selectableLabel(QWidget *parent)
{
    auto *label = new QLabel(parent);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

} // namespace

MessageBar::MessageBar(QWidget *parent)
    : QFrame(parent)
    , m_icon(new QLabel(this))
    , m_message(selectableLabel(this))
    , m_detail(selectableLabel(this))
    , m_action(new QPushButton(this))
    , m_copy(new QToolButton(this))
    , m_close(new QToolButton(this))
{
    setAutoFillBackground(true);
    m_message->setFont(boldFont(font()));
    m_copy->setIcon(icon(QStringLiteral("copy")));
    m_copy->setToolTip(tr("Copy the message"));
    m_copy->setAccessibleName(m_copy->toolTip());
    m_copy->setAutoRaise(true);
    m_close->setIcon(icon(QStringLiteral("clear")));
    m_close->setToolTip(tr("Dismiss"));
    m_close->setAccessibleName(m_close->toolTip());
    m_close->setAutoRaise(true);

    auto *texts = new QVBoxLayout;
    texts->setSpacing(spacing(this, 1));
    texts->addWidget(m_message);
    texts->addWidget(m_detail);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(spacing(this, 3), spacing(this, 2), spacing(this, 2), spacing(this, 2));
    layout->setSpacing(spacing(this, 2));
    layout->addWidget(m_icon, 0, Qt::AlignTop);
    layout->addLayout(texts, 1);
    layout->addWidget(m_action, 0, Qt::AlignTop);
    layout->addWidget(m_copy, 0, Qt::AlignTop);
    layout->addWidget(m_close, 0, Qt::AlignTop);
    hide();

    connect(m_action, &QPushButton::clicked, this, &MessageBar::actionTriggered);
    connect(m_close, &QToolButton::clicked, this, &QWidget::hide);
    connect(m_copy, &QToolButton::clicked, this, [this]() { QGuiApplication::clipboard()->setText(m_plainText); });
}

void MessageBar::showError(const Error &error, Severity severity, const QString &action)
{
    QStringList rest;
    if (!error.detail.isEmpty())
        rest << error.detail;
    if (!error.hint.isEmpty())
        rest << tr("Hint: %1").arg(error.hint);
    if (!error.sqlState.isEmpty())
        rest << tr("SQLSTATE %1").arg(QString::fromLatin1(error.sqlState));
    showMessage(severity, error.summary(), rest.join(QLatin1Char('\n')), action);
    if (!error.statement.isEmpty())
        m_plainText += QLatin1Char('\n') + QString::fromUtf8(error.statement);
}

void MessageBar::showMessage(Severity severity, const QString &message, const QString &detail, const QString &action)
{
    const bool repeated = m_severity == severity && m_message->text() == message && m_detail->text() == detail
                          && m_action->text() == action && !m_plainText.isEmpty();
    if (repeated)
        return; // stays dismissed until it says something new
    m_severity = severity;
    m_message->setText(message);
    m_detail->setText(detail);
    m_detail->setVisible(!detail.isEmpty());
    m_action->setText(action);
    m_action->setAccessibleName(action);
    m_action->setVisible(!action.isEmpty());
    m_plainText = detail.isEmpty() ? message : QString(message + QLatin1Char('\n') + detail);
    setAccessibleName(message);
    setAccessibleDescription(detail);
    present();
    show();
}

void MessageBar::clear()
{
    m_plainText.clear();
    m_message->clear();
    m_detail->clear();
    hide();
}

QString MessageBar::message() const
{
    return m_message->text();
}

void MessageBar::changeEvent(QEvent *event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && !m_plainText.isEmpty())
        present();
}

void MessageBar::present()
{
    const Theme &theme = Theme::of(QGuiApplication::palette());
    m_icon->setPixmap(
        iconPixmap(iconOf(m_severity), theme.of(m_severity), fontMetrics().height(), devicePixelRatioF()));
    // The one colour alone: whoever sets all of a palette hears of no change of theme.
    QPalette own;
    own.setColor(QPalette::Window, theme.washOf(m_severity));
    if (own.color(QPalette::Window) != palette().color(QPalette::Window))
        setPalette(own);
}

} // namespace tidemark::ui

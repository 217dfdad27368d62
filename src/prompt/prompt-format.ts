/**
 * How a prompt is laid out.
 *
 * - `chat`: instructions as the system message, demos as turns, the row as the last message.
 * - `json`: the same with one JSON object as the answer, its schema stated and enforced where it can be.
 * - `completion`: plain text that the model continues, `Ticket: …` / `Category: …`.
 * - `channel`: for a closed choice on a model that scores tokens: one text for each answer, that answer's
 *   demos with the answer first, and the row's inputs scored as its continuation (a noisy channel). Without
 *   scores it is a `completion`.
 *
 * @see Min et al. 2022, "Noisy Channel Language Model Prompting for Few-Shot Text Classification".
 *   https://arxiv.org/abs/2108.04106
 */
export type PromptFormat = 'chat' | 'json' | 'completion' | 'channel';
